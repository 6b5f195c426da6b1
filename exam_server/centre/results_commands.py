"""``kaoping centre``, after the exam: practical marks, scoring, results, statistics, publication."""

from datetime import datetime
from pathlib import Path

import click
import msgspec
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from rich.console import Console
from rich.table import Table

from exam_protocol.answer_key import ANSWER_KEYS_FORMAT, AnswerKeys
from exam_protocol.command_options import json_option, passphrase_option, read_passphrase
from exam_protocol.documents import Role
from exam_protocol.errors import naming
from exam_protocol.exam_config import HEBEI
from exam_server.centre.command_options import FILE, NEW_FILE, NEW_FOLDER, folder_option, report, write_outcome
from exam_server.centre.folder import Centre, open_centre, operator
from exam_server.services.collection import open_all_answers
from exam_server.services.marking import ScoringDone, latest_findings, read_answer_keys, score_session
from exam_server.services.practical_marks import import_practical_marks
from exam_server.services.publication import Notes, PublicationKeys, publish_results
from exam_server.services.results import (
    canonical_results,
    current_results,
    decide_results,
    know_scores,
    scored_candidates,
)
from exam_server.work import Work
from scoring.item_analysis import analyse_items
from scoring.score_folder import write_score_folder
from scoring.statistics_workbook import write_statistics

_answer_keys_option = click.option(
    "--answer-keys",
    "answer_key_files",
    required=True,
    multiple=True,
    type=FILE,
    help="Answer-key package, as kaoping bank seal wrote it; again for the reserve paper.",
)
_LOCAL_TIME = click.DateTime(["%Y-%m-%d %H:%M:%S", "%Y-%m-%d"])


@click.command("import-marks")
@click.argument("file", type=FILE)
@folder_option
@json_option
def import_marks(file: Path, folder: Path, *, as_json: bool) -> None:
    """Take practical marks (.xlsx, .csv); all faults are told at once, and then nothing is taken."""
    centre = open_centre(folder)
    count = centre.runner.run(operator(), import_practical_marks, centre.exam, centre.column_keys, file)
    report({"marks": count}, f"已导入 {count} 条应会成绩。", as_json=as_json)


@click.command()
@_answer_keys_option
@click.option("--export", type=NEW_FOLDER, help="Also write everything another machine needs for kaoping score.")
@folder_option
@passphrase_option
@json_option
def score(
    answer_key_files: tuple[Path, ...],
    export: Path | None,
    folder: Path,
    passphrase_file: Path | None,
    *,
    as_json: bool,
) -> None:
    """Open and check every answer package, mark it, and tell whatever does not agree."""
    centre = open_centre(folder)
    centre_key = centre.key(Role.CENTRE_ENCRYPTION, read_passphrase(passphrase_file)).opening_key
    packages = _answer_key_packages(centre, centre_key, answer_key_files)
    with Console(stderr=True).status("正在核对和判分 scoring…"):
        done = centre.runner.run(operator(), score_session, centre.exam, centre.trust, centre_key, packages)
        if export:
            centre.runner.run(operator(), _export, centre, centre_key, packages, export)
    facts = msgspec.to_builtins(done) | {"is_balanced": done.is_balanced}
    report(facts, _told(done), as_json=as_json)


@click.command()
@folder_option
@json_option
def findings(folder: Path, *, as_json: bool) -> None:
    """Show what did not agree in the newest scoring run, with the candidate it concerns."""
    centre = open_centre(folder)
    found = centre.runner.run(operator(), latest_findings)
    if as_json:
        report({"findings": msgspec.to_builtins(found)}, "", as_json=True)
        return
    table = Table("考点", "准考证号", "是否暂缓", "情况")
    for finding in found:
        table.add_row(
            finding.server, finding.ticket_no or "—", "暂缓成绩" if finding.is_blocking else "供查看", finding.words
        )
    Console().print(table if found else "没有需要核查的情况。")


@click.command()
@click.option("--out", required=True, type=NEW_FILE, help="The canonical results file (CSV).")
@folder_option
@json_option
def results(out: Path, folder: Path, *, as_json: bool) -> None:
    """Join theory and practical marks, apply 双60, and write the results: same input, same bytes."""
    centre = open_centre(folder)
    decided = centre.runner.run(operator(), decide_results, centre.exam)
    write_outcome(out, centre.runner.run(operator(), canonical_results))
    words = (
        f"应考 {decided.expected} ＝ 合格 {decided.passed} ＋ 不合格 {decided.failed} ＋ 缺考 {decided.absent} "
        f"＋ 违纪无效 {decided.void} ＋ 待定 {decided.pending}。已写入 {out}。"
    )
    report(msgspec.to_builtins(decided), words, as_json=as_json)


@click.command()
@click.option("--out", required=True, type=NEW_FILE, help="The workbook (.xlsx).")
@_answer_keys_option
@folder_option
@passphrase_option
def statistics(out: Path, answer_key_files: tuple[Path, ...], folder: Path, passphrase_file: Path | None) -> None:
    """Write the statistics workbook: by zone and trade, bands, and an analysis of every item. It names nobody."""
    centre = open_centre(folder)
    centre_key = centre.key(Role.CENTRE_ENCRYPTION, read_passphrase(passphrase_file)).opening_key
    run = centre.runner.run
    packages = _answer_key_packages(centre, centre_key, answer_key_files)
    answer_keys = run(operator(), read_answer_keys, centre.exam, centre.trust, centre_key, packages)
    scores = run(operator(), know_scores)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_statistics(
        out,
        title=centre.exam.title,
        note=centre.exam.note,
        made_at=centre.clock(),
        results=run(operator(), current_results, centre.exam),
        items=[figures for _, key in sorted(answer_keys.items()) for figures in analyse_items(key, scores)],
    )
    click.echo(f"已写入 {out}。")


@click.command()
@click.option("--out", required=True, type=NEW_FILE, help="The publication package for the portal.")
@click.option(
    "--visible-from", type=_LOCAL_TIME, help="Hour from which the portal shows it (Beijing time); now if not given."
)
@click.option("--recheck-until", type=_LOCAL_TIME, help="Last moment to ask for a re-check (Beijing time).")
@click.option("--correction", default="", help="Why something published before changes.")
@click.option("--sample", is_flag=True, help="Print 样张 behind each transcript.")
@folder_option
@passphrase_option
@json_option
def publish(
    *,
    out: Path,
    visible_from: datetime | None,
    recheck_until: datetime | None,
    correction: str,
    sample: bool,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Make the signed publication package. Pending results are left out until they are decided."""
    centre = open_centre(folder)
    passphrase = read_passphrase(passphrase_file)
    keys = PublicationKeys(
        centre.column_keys,
        centre.lookup_key,
        centre.key(Role.PUBLICATION, passphrase),
        centre.key(Role.TRANSCRIPT, passphrase),
    )
    notes = Notes(
        centre.settings.issuer,
        visible_from.replace(tzinfo=HEBEI) if visible_from else centre.clock(),
        recheck_until.replace(tzinfo=HEBEI) if recheck_until else None,
        correction,
        sample,
    )
    done = centre.runner.run(operator(), publish_results, centre.exam, keys, notes)
    write_outcome(out, done.package)
    facts = {name: getattr(done, name) for name in ("revision", "published", "pending", "changed")}
    words = f"第 {done.revision} 版：发布 {done.published} 人，另有 {done.pending} 人待定。已写入 {out}。"
    report(facts, words, as_json=as_json)


def _answer_key_packages(centre: Centre, centre_key: X25519PrivateKey, files: tuple[Path, ...]) -> list[bytes]:
    """Read packages of answer keys, each proved to open: a refusal names its file."""
    packages: list[bytes] = []
    for file in files:
        with naming(file):
            packages.append(file.read_bytes())
            centre.runner.run(operator(), read_answer_keys, centre.exam, centre.trust, centre_key, packages[-1:])
    return packages


def _export(work: Work, centre: Centre, centre_key: X25519PrivateKey, packages: list[bytes], folder: Path) -> None:
    answer_keys = read_answer_keys(work, centre.exam, centre.trust, centre_key, packages)
    write_score_folder(
        folder,
        config_file=centre.folder / "exam.toml",
        exam=centre.exam.exam,
        candidates=scored_candidates(work),
        answers=[opened.answers for opened in open_all_answers(work, centre.exam, centre.trust, centre_key)],
        answer_keys=[AnswerKeys(ANSWER_KEYS_FORMAT, tuple(answer_keys.values()))],
    )


def _told(done: ScoringDone) -> str:
    blocking = sum(finding.is_blocking for finding in done.findings)
    return (
        f"应考 {done.expected} ＝ 实考 {done.present} ＋ 缺考 {done.absent}"
        + (f" ＋ 转出未到 {done.moved_out}" if done.moved_out else "")
        + f"。作答 {done.answers_packaged} 条，计入 {done.answers_scored} 条。"
        + (
            f"有 {len(done.findings)} 项情况，其中 {blocking} 项须核查，{done.withheld} 人成绩暂缓；"
            if done.findings
            else ""
        )
        + ("请运行 kaoping centre findings 查看。" if done.findings else "全部相符。")
    )
