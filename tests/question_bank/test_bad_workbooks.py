"""Every mistake a handed-in item workbook can hold is refused by name, and nothing of the file is taken."""

import json
from pathlib import Path

import pytest

from exam_protocol.errors import InputRefusedError
from question_bank.items import Pool
from question_bank.store import Bank

VECTORS = Path(__file__).parents[1] / "vectors" / "spreadsheet"
EXPECTED: dict[str, list[str]] = json.loads((VECTORS / "expected.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", [name for name, faults in EXPECTED.items() if faults])
def test_a_workbook_with_a_mistake_is_refused_with_file_row_and_column(bank: Bank, name: str) -> None:
    with pytest.raises(InputRefusedError) as refused:
        bank.import_files([VECTORS / name], Pool.LIVE)

    told = [str(fault) for fault in refused.value.faults]
    assert len(told) == len(EXPECTED[name])
    assert all(fragment in line for fragment, line in zip(EXPECTED[name], told, strict=True)), told
    assert all(line.startswith(name) and line.endswith("。") for line in told)
    assert bank.counts() == ()


@pytest.mark.parametrize("name", [name for name, faults in EXPECTED.items() if not faults])
def test_gbk_and_utf8_with_a_mark_are_legal(bank: Bank, name: str) -> None:
    bank.import_files([VECTORS / name], Pool.LIVE)

    assert bank.items(Pool.LIVE)[0].item.stem == "我国规定的工频是（　　）。"


def test_every_vector_says_what_it_must_be_refused_with() -> None:
    files = {path.name for path in VECTORS.iterdir() if path.is_file()} - {"expected.json", "make_vectors.py"}

    assert files == set(EXPECTED)


def test_a_missing_file_is_refused_by_name(bank: Bank, tmp_path: Path) -> None:
    with pytest.raises(InputRefusedError, match=r"没有这个\.xlsx：文件打不开"):
        bank.import_files([tmp_path / "没有这个.xlsx"], Pool.LIVE)


def test_faults_of_all_files_come_at_once(bank: Bank) -> None:
    with pytest.raises(InputRefusedError) as refused:
        bank.import_files([VECTORS / "empty_stem.csv", VECTORS / "gbk.csv", VECTORS / "unknown_type.csv"], Pool.LIVE)

    assert [fault.file for fault in refused.value.faults] == ["empty_stem.csv", "unknown_type.csv"]
    assert bank.counts() == ()
