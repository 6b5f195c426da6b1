"""The example data keep what is promised of them: enough items of each kind, invented people, plausible marks."""

import importlib.util
import random
import zipfile
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest
from python_calamine import CalamineWorkbook

from exam_protocol.catalogue import trades, zones
from exam_protocol.exam_config import milli, read_exam_config
from exam_protocol.paper import ItemType
from question_bank.duplicates import identity
from question_bank.formats.spreadsheet import read_items
from question_bank.items import PUBLIC_SCOPE, BankItem, Pool
from question_bank.store import Bank

EXAMPLES = Path(__file__).parents[2] / "examples"
SCOPES = {
    "public": PUBLIC_SCOPE,
    "electrician": "06-008",
    "driver": "10-001",
    "cook": "12-011",
    "computer": "06-011",
}
LEAST_ITEMS = {"public": 100, "electrician": 80, "driver": 80, "cook": 80, "computer": 80}


def items_of(name: str) -> list[BankItem]:
    return [read.item for read in read_items(EXAMPLES / "items" / f"{name}.xlsx")]


@pytest.fixture(scope="module")
def live() -> dict[str, list[BankItem]]:
    return {name: items_of(name) for name in SCOPES}


@pytest.fixture(scope="module")
def practice() -> list[BankItem]:
    return items_of("practice")


# --- items


@pytest.mark.parametrize("name", SCOPES)
def test_there_are_enough_items_and_all_of_one_scope(live: dict[str, list[BankItem]], name: str) -> None:
    assert len(live[name]) >= LEAST_ITEMS[name]
    assert {item.scope for item in live[name]} == {SCOPES[name]}


@pytest.mark.parametrize("name", SCOPES)
def test_half_are_single_choice_a_quarter_multiple_a_quarter_true_or_false(
    live: dict[str, list[BankItem]], name: str
) -> None:
    counts = Counter(item.type for item in live[name])

    shares = [counts[kind] / len(live[name]) for kind in ItemType]

    assert shares == pytest.approx([0.5, 0.25, 0.25], abs=0.02)


@pytest.mark.parametrize("name", SCOPES)
def test_right_answers_are_spread_evenly_over_positions(live: dict[str, list[BankItem]], name: str) -> None:
    singles = Counter(item.right[0] for item in live[name] if item.type is ItemType.SINGLE)
    judged = Counter(item.right[0] for item in live[name] if item.type is ItemType.TRUE_FALSE)

    assert [singles[place] / singles.total() for place in range(4)] == pytest.approx([0.25] * 4, abs=0.05)
    assert judged[0] / judged.total() == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("name", SCOPES)
def test_ticking_everything_does_not_pay(live: dict[str, list[BankItem]], name: str) -> None:
    multiples = [item for item in live[name] if item.type is ItemType.MULTIPLE]

    assert sum(item.is_all_right for item in multiples) <= len(multiples) / 5


def test_at_least_ten_items_have_a_figure_and_each_is_told_in_words(live: dict[str, list[BankItem]]) -> None:
    figures = [item.figure for items in live.values() for item in items if item.figure is not None]

    assert len(figures) >= 10
    assert all(len(figure.alt) >= 10 for figure in figures)


@pytest.mark.parametrize("name", [*SCOPES, "practice"])
def test_every_item_has_difficulty_point_source_and_explanation(name: str) -> None:
    items = items_of(name)

    assert {item.difficulty for item in items} <= set(range(1, 6))
    assert all(item.point and item.source and item.explanation for item in items)


@pytest.mark.parametrize("name", SCOPES)
def test_items_are_neither_all_easy_nor_about_one_thing(live: dict[str, list[BankItem]], name: str) -> None:
    assert len({item.difficulty for item in live[name]}) >= 4
    assert len({item.point for item in live[name]}) >= 8


def test_the_practice_set_is_smaller_and_never_overlaps_the_live_one(
    live: dict[str, list[BankItem]], practice: list[BankItem]
) -> None:
    live_items = [item for items in live.values() for item in items]

    assert 0 < len(practice) < len(live_items)
    assert not {identity(item).stem for item in practice} & {identity(item).stem for item in live_items}
    assert not {item.bank_no for item in practice} & {item.bank_no for item in live_items}


def test_the_bank_takes_all_workbooks(tmp_path: Path) -> None:
    bank = Bank.open(tmp_path / "bank.db", create=True)

    bank.import_files([EXAMPLES / "items" / f"{name}.xlsx" for name in SCOPES], Pool.LIVE)
    bank.import_files([EXAMPLES / "items" / "practice.xlsx"], Pool.PRACTICE)

    assert sum(count.count for count in bank.counts()) >= 420


# --- people


def rows_of(file: str) -> list[dict[str, str]]:
    header, *rows = CalamineWorkbook.from_path(EXAMPLES / file).get_sheet_by_index(0).to_python()
    return [dict(zip(map(str, header), map(str, row), strict=True)) for row in rows]


ROSTER = rows_of("roster.xlsx")
MARKS = rows_of("practical-marks.xlsx")


def test_there_are_at_least_700_candidates_in_all_13_zones() -> None:
    sizes = Counter(row["考区"] for row in ROSTER)

    assert len(ROSTER) >= 700
    assert set(sizes) == {zone.zone_name for zone in zones().values()}


def test_every_zone_needs_two_rooms_of_at_most_30_seats() -> None:
    spare = read_exam_config(EXAMPLES / "exam.toml").seating.spare_seats_per_room
    sizes = Counter(row["考区"] for row in ROSTER)

    assert all(30 - spare < size <= 2 * (30 - spare) for size in sizes.values())


def test_every_zone_mixes_all_four_trades() -> None:
    by_zone = defaultdict(set)
    for row in ROSTER:
        by_zone[row["考区"]].add(row["工种代码"])

    assert all(codes == {"06-008", "06-011", "10-001", "12-011"} <= set(trades()) for codes in by_zone.values())


def test_no_real_person_can_be_meant() -> None:
    assert all(row["身份证号"].startswith("99") for row in ROSTER)


@pytest.mark.parametrize("row", ROSTER[::7], ids=lambda row: row["照片"])
def test_an_id_number_has_a_valid_check_character_birthday_and_gender(row: dict[str, str]) -> None:
    number = row["身份证号"]
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
    weighted = sum(weight * int(digit) for weight, digit in zip(weights, number, strict=False))

    assert number[17] == "10X98765432"[weighted % 11]
    assert 1966 <= date(int(number[6:10]), int(number[10:12]), int(number[12:14])).year <= 1984
    assert "女男"[int(number[16]) % 2] == row["性别"]


def test_no_two_candidates_share_an_id_number() -> None:
    assert len({row["身份证号"] for row in ROSTER}) == len(ROSTER)


def test_some_names_are_as_hard_as_in_practice() -> None:
    names = [row["姓名"] for row in ROSTER]

    assert any("䶮" in name for name in names)
    assert any("·" in name for name in names)
    assert 5 <= sum(not _is_gb2312(name) for name in names) <= 20


def test_every_candidate_has_a_photo_named_by_row_not_by_id_number() -> None:
    with zipfile.ZipFile(EXAMPLES / "photos.zip") as pack:
        sizes = {entry.filename: entry.file_size for entry in pack.infolist()}

    assert sorted(sizes) == sorted(row["照片"] for row in ROSTER)
    assert not any(row["身份证号"] in name for name in sizes for row in ROSTER[:1])
    assert all(2_000 < size < 6_000 for size in sizes.values())


def test_a_few_candidates_are_entitled_to_extra_minutes() -> None:
    assert 1 <= sum(bool(row["补时分钟"]) for row in ROSTER) <= 10


# --- practical marks


def marks_by_candidate() -> dict[str, list[dict[str, str]]]:
    by_candidate = defaultdict(list)
    for row in MARKS:
        by_candidate[row["身份证号"]].append(row)
    return by_candidate


def test_three_different_examiners_mark_every_candidate() -> None:
    examiners = {
        candidate: [row["考评员"] for row in rows if row["状态"] != "仲裁"]
        for candidate, rows in marks_by_candidate().items()
    }

    assert set(examiners) == {row["身份证号"] for row in ROSTER}
    assert all(len(set(names)) == len(names) == 3 for names in examiners.values())


def test_some_are_absent_and_have_no_mark() -> None:
    absent = [row for row in MARKS if row["状态"] == "缺考"]

    assert 30 <= len(absent) <= 90
    assert not any(row["成绩"] for row in absent)


def test_some_examiners_disagree_and_an_arbiter_settled_most_but_not_all() -> None:
    limit = milli(read_exam_config(EXAMPLES / "exam.toml").practical.discrepancy_points) / 1000
    disputed, settled = set(), set()
    for candidate, rows in marks_by_candidate().items():
        given = [float(row["成绩"]) for row in rows if row["状态"] == "正常"]
        if given and max(given) - min(given) >= limit:
            disputed.add(candidate)
        if any(row["状态"] == "仲裁" for row in rows):
            settled.add(candidate)

    assert settled < disputed
    assert len(disputed) >= 10


def test_about_three_quarters_reach_60() -> None:
    means = [
        sum(given) / 3
        for rows in marks_by_candidate().values()
        if len(given := [float(row["成绩"]) for row in rows if row["状态"] == "正常"]) == 3
    ]

    assert sum(mean >= 60 for mean in means) / len(means) == pytest.approx(0.75, abs=0.05)


def test_names_in_the_marks_are_those_of_the_roster() -> None:
    names = {row["身份证号"]: row["姓名"] for row in ROSTER}

    assert all(names[row["身份证号"]] == row["姓名"] for row in MARKS)


def test_the_script_would_write_these_very_people_again() -> None:
    script = _script()
    candidates = list(script.people(random.Random(script._SEED)))  # noqa: S311 - invented people need no secret
    marks = list(script.marks(candidates, random.Random(script._SEED + 1)))  # noqa: S311 - nor do their marks

    assert [_as_text(person.roster_row) for person in candidates] == [list(row.values()) for row in ROSTER]
    assert [_as_text(row) for row in marks] == [list(row.values()) for row in MARKS]


def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_people", EXAMPLES / "make_people.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _as_text(row: tuple[object, ...]) -> list[str]:
    # A workbook knows one kind of number; what it gives back for 15 is 15.0.
    return ["" if cell is None else str(float(cell)) if isinstance(cell, int | float) else str(cell) for cell in row]


def _is_gb2312(name: str) -> bool:
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
