"""Who may import whom: the contracts of ``pyproject.toml`` hold, and each is a sentence about exams."""

import tomllib
from pathlib import Path

from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[2]


def test_every_import_contract_holds() -> None:
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_contract_is_named_as_a_sentence() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]

    assert len(contracts) >= 5
    assert all(len(contract["name"].split()) >= 4 for contract in contracts)
