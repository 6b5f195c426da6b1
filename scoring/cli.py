"""``kaoping score``: recompute results on any machine, and check a transcript's code."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path

import click

from exam_protocol.command_options import json_option
from exam_protocol.documents import Role
from exam_protocol.errors import ConfigurationError
from exam_protocol.key_folder import read_trust
from scoring.item_analysis import analyse_items
from scoring.pass_rules import OUTCOME_WORDS
from scoring.results import results_csv, trade_text
from scoring.score_folder import read_score_folder
from scoring.statistics_workbook import write_statistics
from scoring.transcript import verify_transcript

_FILE = click.Path(path_type=Path, dir_okay=False)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def score() -> None:
    """阅卷: recompute results on any machine, and check a transcript's code."""


@score.command()
@click.argument("folder", type=_FOLDER)
@click.option("--out", type=_FILE, help="Write the results as the canonical CSV file.")
@click.option("--statistics", type=_FILE, help="Write the statistics workbook (.xlsx) too.")
@click.option("--expect", metavar="SHA256", help="Refuse other bytes than these: a second machine must get the same.")
@json_option
def recompute(folder: Path, out: Path | None, statistics: Path | None, expect: str | None, *, as_json: bool) -> None:
    """Compute all results anew from the answers, answer keys and practical marks in FOLDER."""
    held = read_score_folder(folder)
    scored = held.score()
    content = results_csv(scored.results)
    digest = hashlib.sha256(content).hexdigest()
    if expect is not None and expect.lower() != digest:
        raise ConfigurationError(
            f"重新计算的成绩摘要是 {digest}，与 {expect} 不符。", "请勿发布，核对两边的文件夹和程序版本。"
        )
    if out:
        out.write_bytes(content)
    if statistics:
        items = [figures for key in held.answer_keys for figures in analyse_items(key, scored.know_scores)]
        write_statistics(
            statistics,
            title=held.config.title,
            note=held.config.note,
            made_at=held.config.times.starts_at_utc,
            results=scored.results,
            items=[figures for figures in items if figures.candidates],
        )
    figures = {
        "candidates": len(scored.results),
        "passed": sum(result.passed for result in scored.results),
        "answers_scored": scored.answers_scored,
        "sha256": digest,
    }
    if as_json:
        click.echo(json.dumps(figures))
        return
    click.echo(
        f"考生 {figures['candidates']} 人，合格 {figures['passed']} 人，计分作答 {figures['answers_scored']} 条。"
    )
    click.echo(f"成绩文件 SHA-256：{digest}")


@score.command("verify-transcript")
@click.argument("text")
@click.option("--keys", type=_FOLDER, required=True, help="Folder that holds root.dsse.")
@click.option("--fingerprint", required=True, help="Fingerprint of the root keys, as printed on the set-up sheet.")
def verify_transcript_text(text: str, keys: Path, fingerprint: str) -> None:
    """Verify TEXT, a transcript's QR address or the part after its #, and show what it says."""
    now = datetime.now(UTC)
    facts = verify_transcript(
        text.rpartition("#")[2], read_trust(keys, fingerprint, now).keys(Role.TRANSCRIPT, "", now)
    )
    click.echo(f"{facts.exam_title}\n{facts.name}  身份证号后四位 {facts.id_last4}  准考证号 {facts.ticket_no}")
    click.echo(f"{trade_text(facts.trade)}  应知 {facts.know}  应会 {facts.do}  {OUTCOME_WORDS[facts.result]}")
    click.echo(f"{facts.issued_on:%Y-%m-%d} 签发，第 {facts.revision} 版")
