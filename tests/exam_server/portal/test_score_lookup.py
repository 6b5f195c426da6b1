"""成绩查询 as a candidate meets it: the first password, the result, the transcript, and what keeps others out."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader

from exam_protocol.publication import PublishedSubject, Verdict
from exam_server.db import open_engine
from exam_server.portal.config import PortalConfig
from exam_server.services.publication_import import import_publication
from exam_server.work import SYSTEM, WorkRunner

ID_NUMBER = "990101197203141186"
CODE = "7K3D0-QWE12"
PASSWORD = "红旗渠 1965"
Post = Callable[..., str]


@pytest.fixture
def publish(config: PortalConfig, clock: Any, publisher: Any, client: FlaskClient) -> Callable[[bytes], None]:
    del client  # has made the tables

    def bring_in(package: bytes) -> None:
        engine = open_engine(config.database_url)
        WorkRunner(engine, clock).run(SYSTEM, import_publication, package, publisher.trust)
        engine.dispose()

    return bring_in


@pytest.fixture
def published(publish: Callable[[bytes], None], publisher: Any) -> None:
    publish(publisher.package())


@pytest.fixture
def set_password(post: Post) -> Callable[..., str]:
    def send(**changed: str) -> str:
        fields = {"id_number": ID_NUMBER, "code": CODE, "password": PASSWORD, "password_again": PASSWORD}
        return post("/first-password", **(fields | changed))

    return send


@pytest.fixture
def look_up(post: Post) -> Callable[..., str]:
    return lambda **changed: post("/", **({"id_number": ID_NUMBER, "password": PASSWORD} | changed))


@pytest.mark.usefixtures("published")
def test_a_candidate_sets_a_password_and_sees_the_result(set_password: Callable[..., str]) -> None:
    page = set_password()
    shown = (
        "张建国",
        "电工 06-008",
        "9901**********1186",
        "双 60 合格",
        "78.5",
        "82.0",
        "合格线 60",
        "第 1 版",
        "下一步",
    )
    assert [word for word in shown if word not in page] == []
    assert "2027 年 9 月 30 日 10:00 发布" in page


@pytest.mark.usefixtures("published")
def test_a_candidate_comes_back_with_id_number_and_password(
    set_password: Callable[..., str], post: Post, look_up: Callable[..., str]
) -> None:
    set_password()
    assert "查询成绩" in post("/sign-out")
    assert "双 60 合格" in look_up()


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    "typed", ["９９０１０１１９７２０３１４１１８６", " 990101 19720314 1186 "], ids=["full_width", "blanks"]
)
def test_an_id_number_is_read_however_it_is_typed(typed: str, set_password: Callable[..., str]) -> None:
    assert "双 60 合格" in set_password(id_number=typed)


@pytest.mark.usefixtures("published")
def test_an_activation_code_is_read_however_it_is_typed(set_password: Callable[..., str]) -> None:
    assert "双 60 合格" in set_password(code="7k3do qwei2")


@pytest.mark.usefixtures("published")
def test_an_activation_code_is_good_once(set_password: Callable[..., str]) -> None:
    set_password()
    assert "激活码已用过" in set_password(password="另一个好密码 8", password_again="另一个好密码 8")


@pytest.mark.usefixtures("published")
def test_an_activation_code_is_good_for_30_days(set_password: Callable[..., str], clock: Any) -> None:
    clock.go_on(days=31)
    assert "已过期" in set_password()


@pytest.mark.usefixtures("published")
def test_an_id_number_alone_opens_nothing(look_up: Callable[..., str], client: FlaskClient) -> None:
    assert "身份证号或密码不对" in look_up(password=ID_NUMBER[-6:])
    assert client.get("/result").status_code == 303
    assert client.get("/transcript.pdf").status_code == 303


@pytest.mark.usefixtures("published")
@pytest.mark.parametrize(
    ("password", "said"),
    [("1234567", "8 个字符以上"), ("19720314", "身份证号的一段"), ("88888888", "只有一种字符")],
    ids=["short", "birthday", "one_character"],
)
def test_a_password_that_can_be_guessed_is_refused(password: str, said: str, set_password: Callable[..., str]) -> None:
    assert said in set_password(password=password, password_again=password)


@pytest.mark.usefixtures("published")
def test_five_wrong_passwords_lock_out_even_the_right_one(
    set_password: Callable[..., str], post: Post, look_up: Callable[..., str], clock: Any
) -> None:
    set_password()
    post("/sign-out")
    for _ in range(5):
        assert "身份证号或密码不对" in look_up(password="猜一猜试试看")
    assert "已暂停查询" in look_up()
    clock.go_on(minutes=15)
    assert "双 60 合格" in look_up()


@pytest.mark.usefixtures("published")
def test_five_wrong_codes_lock_out_the_right_one(set_password: Callable[..., str]) -> None:
    for _ in range(5):
        assert "激活码不对" in set_password(code="00000-00000")
    assert "已暂停查询" in set_password()


@pytest.mark.usefixtures("published")
def test_a_stranger_is_answered_like_a_candidate(look_up: Callable[..., str]) -> None:
    strangers = [look_up(id_number="990101197203141194") for _ in range(6)]
    assert "身份证号或密码不对" in strangers[0]
    assert "已暂停查询" in strangers[5]


@pytest.mark.usefixtures("published")
def test_a_sign_in_ends_after_half_an_hour(set_password: Callable[..., str], client: FlaskClient, clock: Any) -> None:
    set_password()
    clock.go_on(minutes=30)
    assert client.get("/result").status_code == 303


def test_nothing_is_visible_before_its_time(
    publish: Callable[[bytes], None], publisher: Any, set_password: Callable[..., str], clock: Any
) -> None:
    publish(publisher.package(visible_from=clock() + timedelta(minutes=1)))
    assert "激活码不对" in set_password()
    clock.go_on(minutes=1)
    assert "双 60 合格" in set_password()


@pytest.mark.usefixtures("published")
def test_a_correction_shows_the_new_version_and_why(
    publish: Callable[[bytes], None], publisher: Any, set_password: Callable[..., str], client: FlaskClient
) -> None:
    set_password()
    know = PublishedSubject(59_500, "59.5", "不合格", is_passed=False)
    corrected = publisher.result(
        revision=2,
        correction="第 12 题标准答案更正",
        know=know,
        verdict=Verdict.FAIL,
        verdict_words="不合格",
        verdict_note="应知未达到 60 分。",
    )
    publish(publisher.package(corrected, revision=2))
    page = client.get("/result").text
    assert "第 2 版" in page
    assert "更正原因：第 12 题标准答案更正" in page
    assert "双 60 合格" not in page


def test_an_absence_shows_a_word_and_no_mark(
    publish: Callable[[bytes], None], publisher: Any, set_password: Callable[..., str]
) -> None:
    absent = PublishedSubject(None, "", "缺考", is_passed=False)
    result = publisher.result(
        do=absent, verdict=Verdict.ABSENT, verdict_words="缺考", verdict_note="应会缺考。", next_step=""
    )
    publish(publisher.package(result))
    page = set_password()
    assert "应会 缺考，合格线 60 分" in page
    assert "82.0" not in page


@pytest.mark.usefixtures("published")
def test_the_transcript_is_the_published_result(set_password: Callable[..., str], client: FlaskClient) -> None:
    set_password()
    answer = client.get("/transcript.pdf")
    words = PdfReader(io.BytesIO(answer.data)).pages[0].extract_text()
    shown = ("张建国", "2702030017", "78.5", "82.0", "双 60 合格", "2027-02-000317", "10 月 8 日 17:00")
    assert answer.mimetype == "application/pdf"
    assert [word for word in shown if word not in words] == []


@pytest.mark.usefixtures("published")
def test_a_form_from_another_site_is_refused(client: FlaskClient) -> None:
    answer = client.post("/", data={"id_number": ID_NUMBER, "password": PASSWORD})
    assert answer.status_code == 400
    assert "已经过期" in answer.text


@pytest.mark.usefixtures("published")
def test_a_network_that_tries_without_end_is_slowed_down(look_up: Callable[..., str]) -> None:
    for number in range(60):
        look_up(id_number=f"99010119720314{number:04}")
    assert "当前网络的查询太多" in look_up()


@pytest.mark.parametrize("path", ["/", "/first-password", "/v", "/no-such-page"])
def test_every_page_forbids_what_it_does_not_need(path: str, client: FlaskClient) -> None:
    headers = client.get(path).headers
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_pages_hold_nothing_that_would_have_to_run_inline(client: FlaskClient) -> None:
    pages = "".join(client.get(path).text for path in ("/", "/first-password", "/v"))
    assert "style=" not in pages
    assert "onclick" not in pages
    assert "<script>" not in pages


def test_a_page_about_a_person_is_never_stored(
    published: None, set_password: Callable[..., str], client: FlaskClient
) -> None:
    del published
    set_password()
    assert client.get("/result").headers["Cache-Control"] == "no-store"
    assert client.get("/transcript.pdf").headers["Cache-Control"] == "no-store"
