"""The console's door and acts: nobody without a sign-in, nothing without a token, refusals in words."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from factories import NOW
from flask.testing import FlaskClient
from zone_rig import SERVER, STARTS_AT, Kiosk, Zone

from exam_server.config import ZoneConfig
from exam_server.services.accounts import add_account
from exam_server.zone.app import create_zone_app
from exam_server.zone.folder import ZoneFolder
from exam_server.zone.runtime import ZoneRuntime

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "春天的石家庄很美2026"


@pytest.fixture
def runtime(zone: Zone, tmp_path: Path) -> Iterator[ZoneRuntime]:
    for name, roles in (("chief", {"chief"}), ("li", {"invigilator"})):
        zone.run(add_account, name, f"{name} 先生", frozenset(roles), password=PASSWORD, hasher=CHEAP)
    (tmp_path / "form.key").write_bytes(b"f" * 32)
    config = ZoneConfig(SERVER, str(tmp_path), "pinned", zone.url)
    runtime = ZoneRuntime(ZoneFolder(tmp_path, config, zone.engine, lambda: zone.now), zone.keys)
    runtime.start()
    yield runtime
    runtime.stop()


@pytest.fixture
def browser_of(runtime: ZoneRuntime) -> FlaskClient:
    app, _, _ = create_zone_app(runtime, is_secure=False)
    return app.test_client()


def token_in(page: str) -> str:
    found = re.search(r'name="csrf[_-]token" (?:value|content)="([^"]+)"', page)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, name: str = "chief", password: str = PASSWORD) -> int:
    token = token_in(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf_token": token, "name": name, "password": password}).status_code


def act(client: FlaskClient, name: str, **asked: object) -> tuple[int, dict[str, str]]:
    token = token_in(client.get("/rooms/01").text)
    reply = client.post(f"/acts/{name}", json=asked, headers={"X-CSRFToken": token})
    return reply.status_code, reply.get_json()


@pytest.mark.parametrize("path", ["/", "/rooms/01", "/photos/20001", "/rooms/01/record.pdf"])
def test_without_a_sign_in_every_page_leads_to_the_door(browser_of: FlaskClient, path: str) -> None:
    reply = browser_of.get(path)
    assert (reply.status_code, reply.location) == (302, "/sign-in")


def test_a_sign_in_without_the_forms_token_is_refused(browser_of: FlaskClient) -> None:
    reply = browser_of.post("/sign-in", data={"name": "chief", "password": PASSWORD})
    assert reply.status_code == 400


def test_a_wrong_password_is_told_in_words(browser_of: FlaskClient) -> None:
    assert sign_in(browser_of, password="wrong") == 403


def test_the_cookie_is_named_after_the_server_and_out_of_reach_of_scripts(browser_of: FlaskClient) -> None:
    assert sign_in(browser_of) == 302
    cookie = browser_of.get_cookie("zone-02-1-session")
    assert cookie is not None
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/")


def test_over_tls_the_cookie_belongs_to_this_host_alone(runtime: ZoneRuntime) -> None:
    client = create_zone_app(runtime, is_secure=True)[0].test_client()
    token = token_in(client.get("/sign-in", base_url="https://localhost").text)
    form = {"csrf_token": token, "name": "chief", "password": PASSWORD}
    reply = client.post("/sign-in", data=form, base_url="https://localhost")
    assert reply.headers["Set-Cookie"].startswith("__Host-zone-02-1-session=")
    assert "Secure" in reply.headers["Set-Cookie"]


def test_every_answer_forbids_inline_scripts_and_frames(browser_of: FlaskClient) -> None:
    policy = browser_of.get("/sign-in").headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_no_template_of_the_console_has_inline_script_or_style(browser_of: FlaskClient) -> None:
    sign_in(browser_of)
    page = browser_of.get("/rooms/01").text
    assert re.findall(r"<script(?![^>]* src=)|<style|\sstyle=|\son\w+=", page) == []


def test_an_act_without_the_token_is_refused(browser_of: FlaskClient) -> None:
    sign_in(browser_of)
    reply = browser_of.post("/acts/extend", json={"minutes": 5, "category": "machine", "reason": "x", "room": "01"})
    assert reply.status_code == 400


def test_an_act_without_a_sign_in_is_refused(browser_of: FlaskClient) -> None:
    token = token_in(browser_of.get("/sign-in").text)
    reply = browser_of.post("/acts/close", json={}, headers={"X-CSRFToken": token})
    assert reply.status_code == 401


def test_extending_the_whole_room_from_the_console(browser_of: FlaskClient, zone: Zone) -> None:
    sign_in(browser_of, "li")
    told = act(browser_of, "extend", minutes=5, category="network", reason="网络中断", room="01")
    assert told == (200, {"words": "已为 6 名考生补时 5 分。"})
    assert [row["actor"] for row in zone.rows("zone_ledger_entry")] == ["li 先生"] * 6


def test_a_refusal_says_what_and_what_to_do(browser_of: FlaskClient) -> None:
    sign_in(browser_of, "li")
    status, told = act(browser_of, "collect", sittings=[20_001], reason="原因")
    assert status == 409
    assert told == {
        "code": "not_allowed",
        "what": "您的账号没有这项权限。",
        "do": "请由主考（或有此权限的人员）登录后操作。",
    }


def test_a_malformed_act_is_refused_and_an_unknown_one_does_not_exist(browser_of: FlaskClient) -> None:
    sign_in(browser_of)
    assert act(browser_of, "extend", minutes=999)[0] == 409
    token = token_in(browser_of.get("/rooms/01").text)
    assert browser_of.post("/acts/delete", json={}, headers={"X-CSRFToken": token}).status_code == 404


def test_only_the_chief_opens_papers_from_a_file(browser_of: FlaskClient) -> None:
    sign_in(browser_of, "li")
    token = token_in(browser_of.get("/rooms/01").text)
    assert browser_of.post("/acts/release", headers={"X-CSRFToken": token}).status_code == 409


def test_signing_out_closes_the_door_behind(browser_of: FlaskClient) -> None:
    sign_in(browser_of)
    token = token_in(browser_of.get("/rooms/01").text)
    browser_of.post("/sign-out", data={"csrf_token": token})
    assert browser_of.get("/rooms/01").status_code == 302


def test_the_room_record_is_printed_from_what_the_zone_holds(browser_of: FlaskClient, zone: Zone) -> None:
    zone.now = STARTS_AT
    sign_in(browser_of)
    reply = browser_of.get("/rooms/01/record.pdf")
    assert reply.data.startswith(b"%PDF")


def test_the_photo_of_a_candidate(browser_of: FlaskClient) -> None:
    sign_in(browser_of)
    assert browser_of.get("/photos/20001").mimetype == "image/png"
    assert browser_of.get("/photos/1").status_code == 404


def test_a_sealed_paper_is_fetched_as_it_came(browser_of: FlaskClient, zone: Zone) -> None:
    sealed = zone.rows("zone_sealed_paper")[0]
    assert browser_of.get(f"/kiosk/papers/{sealed['paper']}").data == sealed["content"]
    assert browser_of.get("/kiosk/papers/other").status_code == 404


def test_counts_are_told_to_this_machine_only(browser_of: FlaskClient) -> None:
    assert browser_of.get("/status").get_json()["expected"] == 6
    assert browser_of.get("/status", environ_base={"REMOTE_ADDR": "192.168.1.5"}).status_code == 404


def test_the_code_of_the_room_stands_on_the_page_while_it_counts(browser_of: FlaskClient, zone: Zone) -> None:
    sign_in(browser_of)
    assert zone.codes["01"] in browser_of.get("/rooms/01").text
    zone.now = NOW
    assert zone.codes["01"] not in browser_of.get("/rooms/01").text


def test_a_card_committed_first_is_shown_first(runtime: ZoneRuntime, zone: Zone) -> None:
    # Services run beside the runtime are taken in by refresh, as the commands of this machine ask for.
    Kiosk(zone, 1).enrol()
    runtime.refresh()
    shown = runtime.board.at(("01", 1))  # type: ignore[arg-type]  # ids are plain
    assert shown is not None
    assert shown.card.device == "device-1"
