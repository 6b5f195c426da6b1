"""The centre over HTTP: zones fetch and bring without a sign-in, staff see the board only with one."""

from pathlib import Path

import msgspec
import pytest
from argon2 import PasswordHasher
from centre_factories import SERVERS, SmallCentre, make_answer_package, make_sitting_record
from flask.testing import FlaskClient
from scoring_factories import EXAM, SESSION

from exam_protocol.documents import Role
from exam_protocol.exchange import AnswersTaken, answers_path, release_path
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import OPENING_KEYS_FORMAT, OpeningKey, OpeningKeys
from exam_server.centre.app import create_centre_app
from exam_server.centre.folder import Centre, CentreSettings
from exam_server.services.accounts import add_account
from exam_server.services.release import release_keys

PASSWORD = "correct horse battery"


def browser(centre: SmallCentre) -> FlaskClient:
    opened = Centre(
        Path(),
        CentreSettings("", "", "", "省考试中心"),
        centre.config,
        centre.trust,
        centre.column_keys,
        b"",
        centre.engine,
        lambda: centre.now,
    )
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    centre.run(add_account, "shen", "沈国梁", frozenset({"officer"}), password=PASSWORD, hasher=cheap)
    return create_centre_app(opened, is_secure=False, hasher=cheap).test_client()


def sign_in(client: FlaskClient, password: str = PASSWORD) -> int:
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post("/sign-in", data={"name": "shen", "password": password, "csrf_token": token}).status_code


def package_of(centre: SmallCentre) -> bytes:
    records = [make_sitting_record(centre, sitting) for sitting in centre.sittings() if sitting.server == SERVERS[0]]
    return make_answer_package(centre, SERVERS[0], records)


def test_a_zone_asks_in_vain_until_the_release(seated_centre: SmallCentre) -> None:
    client, path = browser(seated_centre), release_path(SERVERS[0], Purpose.LIVE)

    assert client.get(path).status_code == 404

    keys = OpeningKeys(OPENING_KEYS_FORMAT, EXAM, SESSION, (OpeningKey(SERVERS[0], Purpose.LIVE, 1, bytes(32)),))
    key = seated_centre.key(Role.RELEASE)
    seated_centre.run(
        release_keys, seated_centre.config, seated_centre.trust, key, opening_keys=keys, purpose=Purpose.LIVE
    )
    assert client.get(path).status_code == 200
    assert client.get(release_path(SERVERS[1], Purpose.LIVE)).status_code == 404


@pytest.mark.parametrize("path", ["/exchange/releases/zone-99-1/live", "/exchange/releases/zone-02-1/secret"])
def test_a_path_that_names_nothing_is_refused_in_words(centre: SmallCentre, path: str) -> None:
    answer = browser(centre).get(path)

    assert answer.status_code == 400
    assert set(answer.get_json()) == {"code", "what", "do"}


def test_a_zone_brings_its_package_and_gets_what_it_may_rely_on(seated_centre: SmallCentre) -> None:
    client, package = browser(seated_centre), package_of(seated_centre)

    answer = client.put(answers_path(SERVERS[0]), data=package)

    assert answer.status_code == 200
    taken = msgspec.json.decode(answer.data, type=AnswersTaken)
    assert (taken.server, taken.size, taken.sittings) == (SERVERS[0], len(package), 3)
    assert client.put(answers_path(SERVERS[0]), data=package).data == answer.data


def test_a_package_under_another_servers_name_is_refused(seated_centre: SmallCentre) -> None:
    answer = browser(seated_centre).put(answers_path(SERVERS[1]), data=package_of(seated_centre))

    assert answer.status_code == 400
    assert answer.get_json()["code"] == "signature_invalid"


def test_the_board_is_for_staff_only(centre: SmallCentre) -> None:
    answer = browser(centre).get("/")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_wrong_password_is_told_and_lets_nobody_in(centre: SmallCentre) -> None:
    client = browser(centre)

    assert sign_in(client, "wrong password") == 403
    assert client.get("/").status_code == 303


def test_a_form_without_its_token_is_refused(centre: SmallCentre) -> None:
    answer = browser(centre).post("/sign-in", data={"name": "shen", "password": PASSWORD})

    assert answer.status_code == 400
    assert "已经过期" in answer.get_data(as_text=True)


def test_the_board_shows_thirteen_zones_and_what_has_come(seated_centre: SmallCentre) -> None:
    client = browser(seated_centre)
    client.put(answers_path(SERVERS[0]), data=package_of(seated_centre))

    assert sign_in(client) == 303
    page = client.get("/").get_data(as_text=True)

    assert page.count('<th scope="row">') == 14
    assert "已收已验" in page
    assert "还差 1 个考点" in page
    assert "实考 3 ＋ 缺考 0 ＝ 3" in page


def test_signing_out_ends_the_sign_in_on_the_server(seated_centre: SmallCentre) -> None:
    client = browser(seated_centre)
    sign_in(client)
    cookie = client.get_cookie("centre-session")
    assert cookie is not None
    page = client.get("/").get_data(as_text=True)
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]

    client.post("/sign-out", data={"csrf_token": token})
    client.set_cookie("centre-session", cookie.value)

    assert client.get("/").status_code == 303
