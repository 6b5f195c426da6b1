"""A folder with everything a scoring run needs, so that a second machine can give the same results.

```
exam.toml            the exam's configuration
candidates.json      CandidateList
answers/*.json       ZoneAnswers, as they came out of the opened answer packages
answer-keys/*.json   AnswerKeys, as they came out of the opened answer-key packages
```
It holds names and answer keys: it is made readable for its owner only.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from exam_protocol.answer_key import ANSWER_KEYS_FORMAT, AnswerKey, AnswerKeys
from exam_protocol.canonical_json import decode, encode
from exam_protocol.documents import ANSWERS_FORMAT, ZoneAnswers
from exam_protocol.envelope import MAX_DOCUMENT_BYTES
from exam_protocol.errors import ConfigurationError, KaopingError, WrongServerError
from exam_protocol.exam_config import ExamConfig, read_exam_config
from exam_protocol.ids import ExamId, server_file_name
from scoring.scoring_run import ExamScore, ScoredCandidate, score_exam

CANDIDATES_FORMAT = "scoring-candidates/1"
T = TypeVar("T")


class UnreadableScoringFileError(KaopingError):
    """A file of the folder is damaged or of another kind; the sentence names it."""


class CandidateList(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everybody who is to have a result, with their practical entries."""

    format: str
    exam: ExamId
    candidates: tuple[ScoredCandidate, ...]


class ScoreFolder(msgspec.Struct, frozen=True):
    """The folder's content, checked to belong to one exam and session."""

    config: ExamConfig
    candidates: tuple[ScoredCandidate, ...]
    answers: tuple[ZoneAnswers, ...]
    answer_keys: tuple[AnswerKey, ...]

    def score(self) -> ExamScore:
        """Run the scoring. Raises ``ScoringRefusedError``."""
        records = (record for zone in self.answers for record in zone.sittings)
        return score_exam(self.candidates, records, self.answer_keys, self.config.practical, self.config.pass_rule)


def write_score_folder(
    folder: Path,
    *,
    config_file: Path,
    exam: ExamId,
    candidates: Iterable[ScoredCandidate],
    answers: Iterable[ZoneAnswers],
    answer_keys: Iterable[AnswerKeys],
) -> None:
    """Write the folder anew; raises ``ConfigurationError`` when there is already something in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigurationError(f"{folder} 不是空文件夹。", "请换一个空文件夹，已有的内容不能覆盖。")
    _write(folder / "exam.toml", config_file.read_bytes())
    ordered = tuple(sorted(candidates, key=lambda candidate: candidate.ticket_no))
    _write(folder / "candidates.json", encode(CandidateList(CANDIDATES_FORMAT, exam, ordered)))
    for zone in answers:
        _write(folder / "answers" / f"{server_file_name(zone.server)}-{zone.session}.json", encode(zone))
    for number, opened in enumerate(answer_keys, 1):
        _write(folder / "answer-keys" / f"{number:02d}.json", encode(opened))


def read_score_folder(folder: Path) -> ScoreFolder:
    """Read the folder strictly.

    Raises ``ConfigurationError``, ``UnreadableScoringFileError``, or ``WrongServerError`` for a file of another exam
    or session.
    """
    config = read_exam_config(folder / "exam.toml")
    listed = _read(folder / "candidates.json", CandidateList)
    if listed.format != CANDIDATES_FORMAT or listed.exam != config.exam:
        raise WrongServerError("考生名单不属于这次考试。", "请核对 candidates.json。")
    answers = [_read(path, ZoneAnswers) for path in sorted((folder / "answers").glob("*.json"))]
    opened = [_read(path, AnswerKeys) for path in sorted((folder / "answer-keys").glob("*.json"))]
    if any(zone.format != ANSWERS_FORMAT for zone in answers) or any(k.format != ANSWER_KEYS_FORMAT for k in opened):
        raise UnreadableScoringFileError("答卷或标准答案文件的版本不同。", "请用同一版本的程序重新生成文件夹。")
    answer_keys = [answer_key for keys in opened for answer_key in keys.keys]
    for zone in answers:
        _check_belongs(f"{zone.server} 的答卷", zone, config)
    for answer_key in answer_keys:
        _check_belongs(f"工种 {answer_key.trade} 的标准答案", answer_key, config)
    return ScoreFolder(config, listed.candidates, tuple(answers), tuple(answer_keys))


def _check_belongs(name: str, held: ZoneAnswers | AnswerKey, config: ExamConfig) -> None:
    if (held.exam, held.session) != (config.exam, config.session):
        raise WrongServerError(
            f"{name}属于 {held.exam} {held.session}，不是 {config.exam} {config.session}。", "请换成本场次的文件。"
        )


def _read(path: Path, expected: type[T]) -> T:
    try:
        return decode(path.read_bytes(), expected, max_bytes=MAX_DOCUMENT_BYTES)
    except OSError as missing:
        raise ConfigurationError(f"读不到 {path}。", "请检查文件夹是否完整。") from missing
    except KaopingError as broken:
        raise UnreadableScoringFileError(f"{path}：{broken.what}", broken.do) from broken


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
