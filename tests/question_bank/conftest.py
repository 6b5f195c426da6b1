"""A bank in memory, the example configuration, and a pool from which its blueprint can be met."""

from pathlib import Path

import pytest
from bank_factories import make_pool

from exam_protocol.exam_config import ExamConfig, read_exam_config
from question_bank.store import Bank, StoredItem
from question_bank.tables import open_bank_engine

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.fixture
def bank() -> Bank:
    return Bank(open_bank_engine("sqlite://"))


@pytest.fixture(scope="session")
def config() -> ExamConfig:
    return read_exam_config(EXAMPLES / "exam.toml")


@pytest.fixture(scope="session")
def pool() -> list[StoredItem]:
    return make_pool()
