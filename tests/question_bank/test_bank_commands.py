"""``kaoping bank`` from workbooks to sealed packages, and what it says when it refuses."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bank_factories import ELECTRICIAN, make_scope
from click.testing import CliRunner, Result

from exam_protocol.errors import InputRefusedError
from exam_protocol.ids import ExamId, server_id
from exam_protocol.key_folder import make_key_folder
from exam_protocol.keys import CHEAPEST_KDF
from question_bank.cli import bank
from question_bank.formats.item_workbook import ItemRecord, row_of, write_item_workbook
from question_bank.items import PUBLIC_SCOPE
from question_bank.practice_cli import practice

ROOT = Path(__file__).parents[2]
CONFIG = str(ROOT / "examples" / "exam.toml")
VECTORS = ROOT / "tests" / "vectors" / "spreadsheet"
KINDS = {"single": "single", "multiple": "multiple", "true_false": "truefalse"}


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(bank, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows = [
        row_of(
            ItemRecord(
                no=item.bank_no,
                scope=item.scope,
                type=KINDS[item.type],
                stem=item.stem,
                options=() if item.type == "true_false" else item.options,
                answer=item.answer,
                difficulty=item.difficulty,
                point=item.point,
                source=item.source,
                explanation=item.explanation,
            )
        )
        for scope in (PUBLIC_SCOPE, ELECTRICIAN)
        for item in make_scope(scope)
    ]
    path = tmp_path_factory.mktemp("workbooks") / "试题.xlsx"
    write_item_workbook(rows, {}, path)
    return path


def test_workbooks_become_sealed_packages(workbook: Path, tmp_path: Path) -> None:
    database, keys, passphrase = tmp_path / "bank.db", tmp_path / "keys", tmp_path / "passphrase"
    passphrase.write_text("口令口令\n", encoding="utf-8")
    servers = (server_id("02"), server_id("03"))
    make_key_folder(keys, ExamId("2026-technician"), servers, "口令口令", datetime.now(UTC), cost=CHEAPEST_KDF)

    imported = run("import", workbook, "--bank", database)
    assembled = run(
        "assemble", "--bank", database, "--config", CONFIG, "--all-in-bank", "--seed", 7, "--out", tmp_path / "r"
    )
    options = ("--bank", database, "--config", CONFIG, "--keys", keys, "--passphrase-file", passphrase)
    sealed = run("seal", *options, "--out", tmp_path / "out", "--json")

    assert imported.output == "正式题库：新增 160 题，未变 0 题。\n"
    assert "06-008 电工  备用卷  第 1 版  单选题 30 题，多选题 15 题，判断题 10 题，共 100 分" in assembled.output
    assert json.loads((tmp_path / "r" / "assembly.json").read_text(encoding="utf-8"))["seed"] == 7
    assert json.loads(sealed.output)["packages"] == 4
    assert (tmp_path / "out" / "zone-03-1" / "reserve.package").is_file()


def test_a_second_assembly_is_the_next_revision(workbook: Path, tmp_path: Path) -> None:
    database = tmp_path / "bank.db"
    run("import", workbook, "--bank", database)
    again = ("assemble", "--bank", database, "--config", CONFIG, "--trades", ELECTRICIAN, "--seed", 7, "--json")

    revisions = [json.loads(run(*again).output)["papers"][0]["revision"] for _ in range(2)]

    assert revisions == [1, 2]


def test_a_refused_import_leaves_no_file_behind(tmp_path: Path) -> None:
    for name in ("empty_stem.csv", "same_item_with_another_key.csv"):
        result = run("import", VECTORS / name, "--bank", tmp_path / "bank.db")

        assert isinstance(result.exception, InputRefusedError)
        assert not (tmp_path / "bank.db").exists()


def test_the_bank_counts_its_items(workbook: Path, tmp_path: Path) -> None:
    run("import", workbook, "--bank", tmp_path / "bank.db")

    listed = run("list", "--bank", tmp_path / "bank.db")
    counts = json.loads(run("list", "--bank", tmp_path / "bank.db", "--json").output)["counts"]

    assert "正式题库  公共基础  单选题  40 题" in listed.output
    assert sum(count["count"] for count in counts) == 160


def test_a_practice_pack_is_written(workbook: Path, tmp_path: Path) -> None:
    run("import", workbook, "--bank", tmp_path / "bank.db", "--practice")

    arguments = ["build", "--bank", tmp_path / "bank.db", "--trade", ELECTRICIAN, "--out", tmp_path / "p.json"]
    CliRunner().invoke(practice, [str(argument) for argument in arguments], catch_exceptions=False)

    assert len(json.loads((tmp_path / "p.json").read_text(encoding="utf-8"))["items"]) == 160


@pytest.mark.parametrize("choice", [(), ("--trades", ELECTRICIAN, "--all-in-bank")])
def test_trades_are_given_in_exactly_one_way(choice: tuple[str, ...], tmp_path: Path) -> None:
    result = run("assemble", "--bank", tmp_path / "bank.db", "--config", CONFIG, *choice)

    assert result.exit_code == 2
