"""``kaoping score``: a second machine gets the same bytes from the same folder, or says what is wrong with it."""

import hashlib
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from scoring_factories import EXAM, SESSION, make_answer_key, make_candidate, make_facts, make_record

from exam_protocol.answer_key import ANSWER_KEYS_FORMAT, AnswerKeys
from exam_protocol.documents import ANSWERS_FORMAT, Role, ZoneAnswers
from exam_protocol.errors import ConfigurationError, KaopingError, WrongServerError
from exam_protocol.ids import ExamId, server_id
from exam_protocol.key_folder import make_key_folder, read_key
from exam_protocol.keys import CHEAPEST_KDF, root_fingerprint
from scoring.cli import score
from scoring.score_folder import UnreadableScoringFileError, read_score_folder, write_score_folder
from scoring.transcript import sign_transcript

EXAMPLE = Path(__file__).parents[2] / "examples" / "exam.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scoring"
    write_folder(made)
    return made


def write_folder(folder: Path, exam: ExamId = EXAM) -> None:
    records = tuple(make_record(number, answers=((1, "A"), (2, "BC"))) for number in (1, 2))
    write_score_folder(
        folder,
        config_file=EXAMPLE,
        exam=EXAM,
        candidates=[make_candidate(2), make_candidate(1)],
        answers=[ZoneAnswers(ANSWERS_FORMAT, exam, SESSION, server_id("02"), records, ())],
        answer_keys=[AnswerKeys(ANSWER_KEYS_FORMAT, (make_answer_key(),))],
    )


def call(*arguments: object) -> Result:
    return CliRunner().invoke(score, [str(argument) for argument in arguments])


def test_a_copy_of_the_folder_gives_the_same_results_file(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    one = json.loads(call("recompute", folder, "--json", "--out", tmp_path / "one.csv").stdout)
    other = call("recompute", copy, "--json", "--expect", one["sha256"], "--out", tmp_path / "other.csv")

    assert other.exit_code == 0
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "other.csv").read_bytes()
    assert one == {
        "candidates": 2,
        "passed": 2,
        "answers_scored": 4,
        "sha256": hashlib.sha256((tmp_path / "one.csv").read_bytes()).hexdigest(),
    }


def test_other_bytes_than_expected_are_refused_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    refused = call("recompute", folder, "--expect", "0" * 64, "--out", tmp_path / "results.csv")

    assert isinstance(refused.exception, ConfigurationError)
    assert not (tmp_path / "results.csv").exists()


def test_the_statistics_workbook_is_written_too(folder: Path, tmp_path: Path) -> None:
    done = call("recompute", folder, "--statistics", tmp_path / "统计.xlsx")

    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "考生 2 人，合格 2 人，计分作答 4 条。")
    assert (tmp_path / "统计.xlsx").stat().st_size > 0


def test_the_folder_is_readable_for_its_owner_only(folder: Path) -> None:
    assert {path.stat().st_mode & 0o077 for path in [folder, *folder.rglob("*")]} == {0}


def test_a_folder_that_holds_something_is_not_written_into(folder: Path) -> None:
    with pytest.raises(ConfigurationError):
        write_folder(folder)


def test_answers_of_another_exam_are_refused(tmp_path: Path) -> None:
    write_folder(tmp_path / "other", ExamId("2025-technician"))

    with pytest.raises(WrongServerError, match="zone-02/1"):
        read_score_folder(tmp_path / "other")


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("exam.toml", None, ConfigurationError),
        ("candidates.json", None, ConfigurationError),
        ("candidates.json", b"{}", UnreadableScoringFileError),
        ("answers/zone-02-1-S1.json", b"\xff\xfe", UnreadableScoringFileError),
        ("answer-keys/01.json", b"[]", UnreadableScoringFileError),
    ],
)
def test_a_missing_or_damaged_file_is_refused_by_name(
    folder: Path, name: str, content: bytes | None, fault: type[KaopingError]
) -> None:
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)

    with pytest.raises(fault, match=Path(name).name):
        read_score_folder(folder)


def test_a_transcripts_address_is_verified_from_the_command_line(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    trust = make_key_folder(tmp_path / "keys", EXAM, [], "口令", now, cost=CHEAPEST_KDF)
    text = sign_transcript(make_facts(), read_key(tmp_path / "keys", Role.TRANSCRIPT, "口令"))
    fingerprint = root_fingerprint(trust.root)

    shown = call(
        "verify-transcript", f"https://example.org/v#{text}", "--keys", tmp_path / "keys", "--fingerprint", fingerprint
    )

    assert shown.exit_code == 0
    assert "06-008 电工  应知 78.5  应会 82.0  合格" in shown.stdout


@pytest.mark.parametrize("command", [score, *score.commands.values()], ids=lambda command: command.name)
def test_every_command_and_every_option_has_help(command: click.Command) -> None:
    options = [option for option in command.params if isinstance(option, click.Option)]

    assert command.help
    assert all(option.help for option in options)
