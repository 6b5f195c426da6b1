"""The exam's configuration states everything, and contradictions are refused by name."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from exam_protocol.errors import ConfigurationError
from exam_protocol.exam_config import milli, read_exam_config

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAM = EXAMPLES / "exam.toml"


def test_the_demo_differs_from_the_live_configuration_only_in_its_times() -> None:
    live, demo = read_exam_config(EXAM), read_exam_config(EXAMPLES / "demo.toml")

    assert demo.times != live.times
    assert msgspec.structs.replace(demo, times=live.times) == live


def test_the_example_is_an_exam_of_90_minutes_with_55_items_for_100_points() -> None:
    config = read_exam_config(EXAM)

    plans = config.blueprint.sections
    assert config.times.duration_s == 90 * 60
    assert [(plan.public + plan.trade, plan.milli_each) for plan in plans] == [(30, 1500), (15, 3000), (10, 1000)]
    assert [(plan.public, plan.trade) for plan in plans] == [(15, 15), (7, 8), (5, 5)]


def test_the_planned_start_is_hebei_time() -> None:
    assert read_exam_config(EXAM).times.starts_at_utc == datetime(2026, 9, 26, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("points", "expected"), [("1.5", 1500), ("3", 3000), ("0", 0), ("0.125", 125), ("100", 100_000), ("1.05", 1050)]
)
def test_points_are_exact_thousandths(points: str, expected: int) -> None:
    assert milli(points) == expected


@pytest.mark.parametrize(
    "points", ["", ".5", "1.", "1.0005", "-1", "+1", "1e2", "1,5", "１", "一", " 1", "1_0", "99999"]
)
def test_what_is_no_number_of_points_is_refused(points: str) -> None:
    with pytest.raises(ConfigurationError):
        milli(points)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("duration_s = 5400 ", "duration = 5400 ", "duration", id="unknown setting"),
        pytest.param("grace_s = 30 ", "", "grace_s", id="setting missing"),
        pytest.param("heartbeat_s = 5", 'heartbeat_s = "5"', "heartbeat_s", id="text for a number"),
        pytest.param("duration_s = 5400 ", "duration_s = 0 ", "duration_s", id="no time to answer"),
        pytest.param("late_limit_s = 1800 ", "late_limit_s = 5401 ", "迟到时限", id="late limit after the end"),
        pytest.param("2026-09-26 09:00:00", "2026-09-31 09:00:00", "2026-09-31", id="a day that does not exist"),
        pytest.param('total_points = "100"', 'total_points = "120"', "合计 100 分", id="points do not add up"),
        pytest.param("mean_difficulty_low = 2.4", "mean_difficulty_low = 3.5", "平均难度", id="empty range"),
        pytest.param('partial_points = "1"', 'partial_points = "3"', "少选", id="partial as good as whole"),
        pytest.param('points = "1.5"', 'points = "1.5x"', "1.5x", id="no number"),
        pytest.param('rule = "mean"', 'rule = "trimmed_mean"', "考评员少于 4 人", id="too few to trim"),
        pytest.param('rule = "mean"', 'rule = "best"', "best", id="unknown rule"),
        pytest.param('know_points = "60"', 'know_points = "101"', "合格线", id="pass mark over full marks"),
        pytest.param("[times]", "[times", "", id="no TOML"),
    ],
)
def test_a_faulty_configuration_is_refused_and_says_why(tmp_path: Path, old: str, new: str, told: str) -> None:
    text = EXAM.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "exam.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")

    with pytest.raises(ConfigurationError) as refused:
        read_exam_config(path)

    assert told in refused.value.what


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.toml"):
        read_exam_config(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gbk.toml").write_bytes('title = "考核"'.encode("gbk"))
    with pytest.raises(ConfigurationError):
        read_exam_config(tmp_path / "gbk.toml")
