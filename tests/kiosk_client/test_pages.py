"""Who may speak to the page's server, what it accepts, and what the page weighs."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from simulated_agent import SimulatedAgent
from werkzeug.test import TestResponse

import kiosk_client.pages
from kiosk_client.pages import create_page

PORT = 18080
HOME = f"http://127.0.0.1:{PORT}"
MOST_BYTES = 60 * 1024
STATIC = Path(kiosk_client.pages.__file__).parent / "static"
# Chromium 90 knows ES2020 and little more.
TOO_NEW = re.compile(
    r"\?\?=|\|\|=|&&=|\.at\(|Object\.hasOwn|structuredClone|\.replaceAll\(|\.findLast|#\w+ =|^await ", re.MULTILINE
)
TOO_NEW_CSS = re.compile(r":has\(|@container|@layer|^\s*&|accent-color|color-mix|\bdvh\b", re.MULTILINE)


@pytest.fixture
def agent() -> SimulatedAgent:
    agent = SimulatedAgent()
    agent.starts(45)
    return agent


@pytest.fixture
def stranger(agent: SimulatedAgent) -> FlaskClient:
    return create_page(agent, "token", PORT).test_client()


@pytest.fixture
def page(stranger: FlaskClient) -> FlaskClient:
    assert get(stranger, "/start?t=token").status_code == 303
    return stranger


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    return client.get(path, base_url=HOME, headers=headers)


def post(client: FlaskClient, act: object, **headers: str) -> TestResponse:
    return client.post("/act", base_url=HOME, json=act, headers={"Origin": HOME, **headers})


def test_the_start_token_opens_the_page_once(stranger: FlaskClient) -> None:
    first = get(stranger, "/start?t=token")
    again = get(stranger, "/start?t=token")

    assert first.headers["Location"] == "/"
    assert again.status_code == 403


def test_the_cookie_is_for_this_page_alone(stranger: FlaskClient) -> None:
    cookie = get(stranger, "/start?t=token").headers["Set-Cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


@pytest.mark.parametrize("path", ["/", "/state", "/events?since=0", "/static/page.js", "/nothing"])
def test_without_the_cookie_nothing_is_shown(stranger: FlaskClient, path: str) -> None:
    refused = get(stranger, path)

    assert refused.status_code == 403
    assert "此页面只能由考试程序打开。" in refused.text


@pytest.mark.parametrize("path", ["/start", "/start?t=", "/start?t=wrong", "/start?t=令牌"])
def test_a_wrong_token_is_refused_and_does_not_use_up_the_right_one(stranger: FlaskClient, path: str) -> None:
    assert get(stranger, path).status_code == 403
    assert get(stranger, "/start?t=token").status_code == 303


def test_a_new_token_shuts_the_earlier_page_out(agent: SimulatedAgent) -> None:
    app = create_page(agent, "token", PORT)
    earlier, newer = app.test_client(), app.test_client()
    get(earlier, "/start?t=token")

    app.extensions["admission"].renew("second")
    get(newer, "/start?t=second")

    assert get(earlier, "/state").status_code == 403
    assert get(newer, "/state").status_code == 200


@pytest.mark.parametrize("host", ["localhost:18080", "127.0.0.1", "127.0.0.1:1", "evil.example:18080"])
def test_another_name_of_this_machine_is_refused(page: FlaskClient, host: str) -> None:
    assert get(page, "/state", Host=host).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_request_that_another_site_caused_is_refused(page: FlaskClient, site: str) -> None:
    assert get(page, "/state", **{"Sec-Fetch-Site": site}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:18080", ""])
def test_an_act_needs_our_own_origin(page: FlaskClient, agent: SimulatedAgent, origin: str) -> None:
    assert post(page, {"act": "review"}, Origin=origin).status_code == 403
    assert agent.acts == []


def test_an_act_reaches_the_agent_and_its_state_comes_back(page: FlaskClient, agent: SimulatedAgent) -> None:
    state = post(page, {"act": "answer", "n": 3, "chosen": ["o3-1"]}).get_json()

    assert agent.chosen(3) == ["o3-1"]
    assert state["numbers"][2] == {"n": 3, "answered": True, "marked": False}


def test_a_refusal_says_what_and_what_to_do(page: FlaskClient) -> None:
    refused = post(page, {"act": "hand_in", "confirmed": 2})

    assert refused.status_code == 409
    assert refused.get_json() == {"code": "plain_refusal", "what": "交卷需要确认两次。", "do": "请重新点“交卷”。"}


@pytest.mark.parametrize(
    "act",
    [
        {},
        [],
        {"act": "state"},
        {"act": "__init__"},
        {"act": "go"},
        {"act": "go", "n": "3"},
        {"act": "go", "n": 0},
        {"act": "go", "n": 3, "more": 1},
        {"act": "answer", "n": 3, "chosen": "o3-1"},
        {"act": "answer", "n": 3, "chosen": [1]},
        {"act": "answer", "n": 3, "chosen": ["x"] * 17},
        {"act": "sign_in", "id_number": ""},
        {"act": "sign_in", "id_number": "1" * 65},
        {"act": "hand_in", "confirmed": 3},
        {"act": "preferences", "size": 9, "contrast": True},
    ],
)
def test_an_act_in_another_form_never_reaches_the_agent(page: FlaskClient, agent: SimulatedAgent, act: object) -> None:
    assert post(page, act).status_code == 400
    assert agent.acts == []


def test_an_act_must_be_json_and_short(page: FlaskClient) -> None:
    headers = {"Origin": HOME}

    assert page.post("/act", base_url=HOME, data={"act": "review"}, headers=headers).status_code == 415
    assert post(page, {"act": "sign_in", "id_number": "1" * 20_000}).status_code == 413


@pytest.mark.parametrize("path", ["/events", "/events?since=now"])
def test_waiting_needs_a_version(page: FlaskClient, path: str) -> None:
    assert get(page, path).status_code == 400


def test_a_change_that_has_happened_is_told_at_once(page: FlaskClient) -> None:
    assert get(page, "/events?since=-1").get_json()["phase"] == "answering"


@pytest.mark.parametrize("path", ["/static/../pages.py", "/static/%2e%2e/pages.py", "/static/nothing.js", "/pages.py"])
def test_only_the_pages_own_files_are_served(page: FlaskClient, path: str) -> None:
    assert get(page, path).status_code == 404


def test_the_page_runs_nothing_inline_and_loads_nothing_from_elsewhere(page: FlaskClient) -> None:
    with get(page, "/") as shown:
        policy = shown.headers["Content-Security-Policy"]
        text = shown.text

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert shown.headers["Cache-Control"] == "no-store"
    assert 'translate="no"' in text
    assert not re.search(r"<script(?! type=\"module\" src=\"/static/)|style=|\son\w+=|https?://", text)


def test_the_page_weighs_less_than_60_kb() -> None:
    assert sum(path.stat().st_size for path in STATIC.iterdir()) < MOST_BYTES


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda path: path.name)
def test_the_scripts_keep_to_es2020(path: Path) -> None:
    assert TOO_NEW.findall(path.read_text(encoding="utf-8")) == []


def test_the_style_keeps_to_chromium_90() -> None:
    assert TOO_NEW_CSS.findall((STATIC / "candidate.css").read_text(encoding="utf-8")) == []
