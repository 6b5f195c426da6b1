"""One exam day in order: one zone, ten candidates, from files that people hand in to a result that a candidate reads.

The paper has 30 single-choice items of 1.5 points, 15 multiple-choice of 3 (1 point when right options were missed) and
10 true/false of 1. Every mark below is counted by hand; the machine has to agree.
"""

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_exam import CHIEF, PEOPLE, Candidate, Site, SmallExam

from exam_protocol.errors import KaopingError, NotYetValidError
from exam_protocol.ids import SittingId
from exam_protocol.ids import sitting_of as sitting_of_attempt
from exam_protocol.key_folder import read_trust
from exam_protocol.keys import root_fingerprint
from exam_protocol.paper import ItemType
from exam_protocol.sitting_state import SittingState
from exam_server.demo.commands import run_command
from exam_server.portal.app import create_portal_app
from exam_server.portal.config import read_portal_config
from exam_server.services.time_ledger import extend_time
from kiosk_client.sitting import Phase

Databases = Callable[[str], str | None]
SINGLE, MULTIPLE, TRUE_FALSE = ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE
PRACTICAL = {
    "王芳": ("80", "82", "84"),
    "赵淑芬": ("60", "60", "60"),
    "刘洪亮": ("90", "90", "90"),
    "陈桂英": ("75", "75", "75"),
    "杨立新": ("59", "60", "60"),
    "周玉梅": ("70", "71", "72"),
    "吴建军": ("88", "88", "88"),
    "郑丽": ("66", "66", "66"),
    "孙强": "违纪",
    "马兰": ("95", "95", "95"),
}
RESULTS = {
    # 30 × 1.5 + 15 × 3 + 10 × 1; (80 + 82 + 84) / 3
    "王芳": ("100.000", "82.000", "合格"),
    # 30 × 1.5 + 5 × 3: exactly 60, and exactly 60
    "赵淑芬": ("60.000", "60.000", "合格"),
    # 29 × 1.5 + 5 × 3 + 1 × 1
    "刘洪亮": ("59.500", "90.000", "不合格"),
    "陈桂英": ("", "75.000", "缺考"),
    # (59 + 60 + 60) / 3 = 59.666…
    "杨立新": ("100.000", "59.666", "不合格"),
    # 29 × 1.5 + 2 × 3 + 1 × 1 + 10 × 1; one single-choice item was changed from right to wrong
    "周玉梅": ("60.500", "71.000", "合格"),
    # 30 × 1.5, over a power cut
    "吴建军": ("45.000", "88.000", "不合格"),
    # 10 × 1.5 + 15 × 3 + 10 × 1, late and with ten minutes more
    "郑丽": ("70.000", "66.000", "合格"),
    # 违纪 in one subject voids both
    "孙强": ("", "", "违纪无效"),
    "马兰": ("0.000", "95.000", "不合格"),
}
ANSWERS = {"王芳": 55, "赵淑芬": 35, "刘洪亮": 36, "杨立新": 55, "周玉梅": 44, "吴建军": 30, "郑丽": 35, "孙强": 30}


def the_morning(site: Site) -> None:
    """From the open doors to the answer package."""
    code = site.open_rooms()
    on_time = [name for name in PEOPLE if name not in ("陈桂英", "郑丽")]
    people = {name: site.seat(name, code).come_in() for name in on_time}
    site.clock.forward(minutes=19)
    with pytest.raises(NotYetValidError):
        site.exam.release()

    site.clock.forward(minutes=1)
    site.zone.release(site.exam.release())
    for person in people.values():
        person.talk()
    assert {person.agent.sitting.phase for person in people.values()} == {Phase.ANSWERING}

    site.clock.forward(minutes=10)
    answer_first_half(people)
    site.restart()
    for person in people.values():
        person.talk()

    site.clock.forward(minutes=19)
    people["郑丽"] = late = site.seat("郑丽", site.open_rooms()).come_in()
    late.talk()
    answer_second_half(site, people)

    site.clock.forward(minutes=2)
    assert "超过 30 分钟，不能入场" in who_comes_too_late(site)
    for name in ("王芳", "赵淑芬", "刘洪亮", "杨立新", "周玉梅", "吴建军", "孙强"):
        people[name].hand_in()
        assert people[name].agent.sitting.receipt is not None
    site.zone.run(CHIEF, extend_time, [sitting_of(late)], 600, "disturbance", "键盘失灵，更换耗时 10 分钟")

    site.clock.forward(minutes=59)
    collect(site, people)
    assert (people["马兰"].agent.sitting.phase, late.agent.sitting.phase) == (Phase.COLLECTED, Phase.ANSWERING)
    late.answer_right(late.items(SINGLE)[:10])
    site.clock.forward(minutes=10)
    collect(site, people)
    assert late.agent.sitting.state is SittingState.COLLECTED
    site.zone.close(CHIEF, "开考 30 分钟后仍未到场")


def answer_first_half(people: dict[str, Candidate]) -> None:
    for name in ("王芳", "杨立新"):
        for kind in ItemType:
            people[name].answer_right(people[name].items(kind))
    exactly_60, just_below = people["赵淑芬"], people["刘洪亮"]
    exactly_60.answer_right(exactly_60.items(SINGLE))
    just_below.answer_wrong(just_below.items(SINGLE)[:1])
    just_below.answer_right(just_below.items(SINGLE)[1:])
    for name in ("吴建军", "孙强"):
        people[name].answer_right(people[name].items(SINGLE)[:15])
    people["吴建军"].lose_power()


def answer_second_half(site: Site, people: dict[str, Candidate]) -> None:
    site.is_down = True  # somebody has pulled the cable of the switch: everybody goes on
    for name in ("吴建军", "孙强"):
        people[name].answer_right(people[name].items(SINGLE)[15:])
    exactly_60, just_below = people["赵淑芬"], people["刘洪亮"]
    exactly_60.answer_right(exactly_60.items(MULTIPLE)[:5])
    just_below.answer_right(just_below.items(MULTIPLE)[:5])
    just_below.answer_with_one_missed(just_below.items(MULTIPLE)[5:6])
    assert just_below.agent.sitting.acked < len(just_below.agent.sitting.events)
    site.is_down = False
    site.clock.forward(seconds=30)
    for person in people.values():
        person.talk()
    undecided, late = people["周玉梅"], people["郑丽"]
    undecided.answer_right(undecided.items(SINGLE))
    undecided.answer_wrong(undecided.items(SINGLE)[:1])
    undecided.answer_right(undecided.items(MULTIPLE)[:2])
    undecided.answer_with_one_missed(undecided.items(MULTIPLE)[2:3])
    undecided.answer_right(undecided.items(TRUE_FALSE))
    late.answer_right(late.items(MULTIPLE))
    late.answer_right(late.items(TRUE_FALSE))


def who_comes_too_late(site: Site) -> str:
    with pytest.raises(KaopingError) as refused:
        site.seat("陈桂英", site.open_rooms()).come_in()
    return str(refused.value)


def sitting_of(person: Candidate) -> SittingId:
    signed_in = person.agent.sitting.signed_in
    assert signed_in is not None
    return sitting_of_attempt(signed_in.attempt)


def collect(site: Site, people: dict[str, Candidate]) -> None:
    site.sweep()
    for person in people.values():
        person.talk()


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory, databases: Databases) -> SmallExam:
    """The day is over and the package, carried on a stick, has come to the centre."""
    exam = SmallExam(tmp_path_factory.mktemp("day"), databases)
    exam.make_keys_and_papers().plan().prepare_zone()
    site = exam.open_site()
    the_morning(site)
    site.stop()
    stick = exam.folder / "usb.package"
    run_command("zone", "hand-over", *exam.at_zone, *exam.secret, "--out", stick)
    exam.run_json("import-answers", stick)
    exam.run_json("import-marks", exam.write_marks(PRACTICAL))
    return exam


def test_every_answer_given_is_scored_and_the_marks_are_those_counted_by_hand(day: SmallExam) -> None:
    counts = day.score()

    assert (counts["expected"], counts["present"], counts["absent"]) == (10, 9, 1)
    assert counts["answers_packaged"] == counts["answers_scored"] == sum(ANSWERS.values())
    assert counts["is_balanced"]
    assert not counts["findings"]
    assert day.results() == RESULTS


def test_a_candidate_reads_the_published_result_and_nobody_elses(day: SmallExam) -> None:
    day.score()
    day.results()
    codes = activation_codes(day)
    publication = day.folder / "publication.package"
    told = day.run_json("publish", "--out", publication, *day.secret)
    portal = make_portal(day)
    run_command("portal", "import", "--folder", portal, publication)

    page = first_look(portal, day.id_number("刘洪亮"), codes["刘洪亮"])

    assert (told["published"], told["pending"]) == (10, 0)
    assert [word for word in ("刘洪亮", "59.5", "90.0", "不合格", "未达到 60 分") if word not in page] == []
    assert "赵淑芬" not in page


def activation_codes(day: SmallExam) -> dict[str, str]:
    day.run_json("activation-codes", "--out", day.folder / "codes")
    (path,) = (day.folder / "codes").glob("*.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row["姓名"]: row["激活码"] for row in csv.DictReader(file)}


def make_portal(day: SmallExam) -> Path:
    keys = day.folder / "keys"
    fingerprint = root_fingerprint(read_trust(keys, None, datetime.now(UTC)).root)
    portal = day.folder / "portal"
    run_command(
        *("portal", "init", "--folder", portal, "--root", keys / "root.dsse", "--fingerprint", fingerprint),
        *("--lookup-key", day.folder / "centre" / "lookup.key", "--public-url", "http://127.0.0.1:8300"),
    )
    return portal


def first_look(portal: Path, id_number: str, code: str) -> str:
    """Set the first password in a browser and read the page that comes."""
    now = datetime.now(UTC)
    client = create_portal_app(read_portal_config(portal, now), lambda: now).test_client()
    token = client.get("/first-password").text.split('name="csrf_token" value="')[1].split('"')[0]
    password = "红旗渠 1965"
    form = {"csrf_token": token, "id_number": id_number, "code": code}
    answer = client.post(
        "/first-password", data=form | {"password": password, "password_again": password}, follow_redirects=True
    )
    return answer.text
