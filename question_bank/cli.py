"""``kaoping bank``: item workbooks in, sealed papers out."""

import json
import secrets
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec

from exam_protocol.command_options import json_option, passphrase_option, read_passphrase, servers_of
from exam_protocol.documents import Role
from exam_protocol.errors import ConfigurationError, InputRefusedError
from exam_protocol.exam_config import read_exam_config
from exam_protocol.ids import ServerId, TradeCode
from exam_protocol.key_folder import read_key, read_trust
from exam_protocol.keys import Trust
from question_bank.items import POOL_WORDS, PUBLIC_SCOPE, TYPE_WORDS, Pool, scope_words
from question_bank.paper_store import AssemblyEvidence, latest_papers, next_revision, save_papers
from question_bank.papers import PURPOSE_WORDS, AssembledPaper
from question_bank.sealed_folder import write_sealed_session
from question_bank.sealing import sealing_order
from question_bank.store import Bank, random_id, read_workbooks

_SEED_LIMIT = 1 << 31
bank_option = click.option(
    "--bank", "bank_path", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The item bank's file."
)
config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The exam's configuration (TOML).",
)


@click.group()
def bank() -> None:
    """题库 item bank: import workbooks, assemble papers, seal them."""


@bank.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@bank_option
@click.option("--practice", is_flag=True, help="Import into the practice pool, which never overlaps the live one.")
@json_option
def import_files(files: tuple[Path, ...], bank_path: Path, *, practice: bool, as_json: bool) -> None:
    """导入试题 Import item workbooks (.xlsx, or .csv without pictures): all of them or nothing."""
    pool = Pool.PRACTICE if practice else Pool.LIVE
    read = read_workbooks(files)
    is_new = not bank_path.exists()
    opened = Bank.open(bank_path, create=True)
    try:
        summary = opened.add(read, pool)
    except InputRefusedError:
        opened.engine.dispose()
        if is_new:
            bank_path.unlink()
        raise
    if as_json:
        click.echo(msgspec.json.encode(summary))
    else:
        click.echo(f"{POOL_WORDS[pool]}：新增 {summary.added} 题，未变 {summary.unchanged} 题。")


@bank.command("list")
@bank_option
@json_option
def list_items(bank_path: Path, *, as_json: bool) -> None:
    """题库清单 Count the items by pool, scope and type."""
    counts = Bank.open(bank_path).counts()
    if as_json:
        click.echo(msgspec.json.encode({"counts": counts}))
        return
    for count in counts:
        words = (POOL_WORDS[count.pool], scope_words(count.scope), TYPE_WORDS[count.type])
        click.echo("  ".join((*words, f"{count.count} 题")))


@bank.command()
@bank_option
@config_option
@click.option("--trades", help="Trade codes, separated by commas: 06-008,10-001.")
@click.option("--all-in-bank", is_flag=True, help="Every trade that has live items in the bank.")
@click.option(
    "--seed", type=click.IntRange(0, _SEED_LIMIT - 1), help="Chooses among the possible papers; random if left out."
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder for the report assembly.json.")
@json_option
def assemble(
    *,
    bank_path: Path,
    config_path: Path,
    trades: str | None,
    seed: int | None,
    out: Path | None,
    all_in_bank: bool,
    as_json: bool,
) -> None:
    """组卷 Assemble a main and a reserve paper per trade; they stay in the bank until they are sealed."""
    from question_bank.assembly import assemble_papers, pool_digest  # noqa: PLC0415 - the solver loads slowly
    from question_bank.selection import SOLVER  # noqa: PLC0415 - as above; no other command needs it

    if (trades is None) != all_in_bank:
        raise click.UsageError("give either --trades or --all-in-bank")
    config, opened = read_exam_config(config_path), Bank.open(bank_path)
    pool = opened.items(Pool.LIVE)
    if trades is None:
        codes = sorted({stored.item.scope for stored in pool} - {PUBLIC_SCOPE})
    else:
        codes = [code.strip() for code in trades.split(",")]
    evidence = AssemblyEvidence(secrets.randbelow(_SEED_LIMIT) if seed is None else seed, SOLVER, pool_digest(pool))
    papers = assemble_papers(
        pool,
        config,
        [TradeCode(code) for code in codes],
        seed=evidence.seed,
        new_id=random_id,
        revision=next_revision(opened, config.exam, config.session),
    )
    save_papers(opened, papers, evidence)
    report = {**msgspec.to_builtins(evidence), "papers": [_told(assembled) for assembled in papers]}
    text = json.dumps(report, ensure_ascii=False)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "assembly.json").write_text(text + "\n", encoding="utf-8")
    if as_json:
        click.echo(text)
        return
    for assembled in papers:
        paper = assembled.paper
        sections = "，".join(f"{TYPE_WORDS[section.type]} {len(section.items)} 题" for section in paper.sections)
        click.echo(
            f"{scope_words(paper.trade)}  {PURPOSE_WORDS[paper.purpose]}  第 {paper.revision} 版  {sections}，"
            f"共 {paper.total_milli / 1000:g} 分"
        )
    click.echo(f"种子 {evidence.seed}：同一题库、同一配置用这个种子可以重现。")


def _told(assembled: AssembledPaper) -> dict[str, object]:
    paper = assembled.paper
    return {
        "paper": paper.id,
        "trade": paper.trade,
        "purpose": paper.purpose.value,
        "revision": paper.revision,
        "items": len(paper.items()),
        "total_points": paper.total_milli / 1000,
    }


@bank.command()
@bank_option
@config_option
@click.option("--keys", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder of keys.")
@passphrase_option
@click.option("--servers", help="zone-02/1,zone-03/1 …; without it every server that the root document names.")
@click.option("--starts-at", help="Start in local time of Hebei instead of the configured one: 2026-09-26 09:00:00.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="A folder that is new or empty."
)
@json_option
def seal(
    *,
    bank_path: Path,
    config_path: Path,
    keys: Path,
    passphrase_file: Path | None,
    servers: str | None,
    starts_at: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """密封 Seal the last assembly for every server, and the answer keys for the centre alone."""
    config = read_exam_config(config_path)
    papers = latest_papers(Bank.open(bank_path), config.exam, config.session)
    if starts_at is not None:
        times = msgspec.structs.replace(config.times, starts_at=starts_at)
        config = msgspec.structs.replace(config, times=times)
    now = datetime.now(UTC)
    trust = read_trust(keys, None, now)
    names = _servers_of_root(trust) if servers is None else servers_of(servers)
    paper_key = read_key(keys, Role.PAPER, read_passphrase(passphrase_file))
    order = sealing_order(trust, paper_key, config, names, now)
    count = write_sealed_session(papers, names, order, out)
    if as_json:
        click.echo(json.dumps({"packages": count, "servers": len(names), "out": str(out)}, ensure_ascii=False))
    else:
        click.echo(f"已密封 {len(names)} 个考点服务器的 {count} 个试卷包，答案和启封密钥只有省中心能打开。位置：{out}")


def _servers_of_root(trust: Trust) -> tuple[ServerId, ...]:
    names = sorted(ServerId(key.scope) for key in trust.root.keys if key.role is Role.ZONE)
    if not names:
        raise ConfigurationError("根文件里没有考点服务器。", "请用 --servers 写明，或重新生成密钥。")
    return tuple(names)
