"""组卷: from the live pool to one main and one reserve paper per trade, main and reserve sharing no item.

The public set is chosen once for all trades of a session. Items are put in the order of their 编号 before anything is
chosen, so that the same bank, blueprint and seed give the same papers whatever the random ids are.
"""

import hashlib
from collections.abc import Callable, Sequence

import msgspec

from exam_protocol.catalogue import trades as all_trades
from exam_protocol.errors import ConfigurationError, KaopingError
from exam_protocol.exam_config import ExamConfig, PaperBlueprint
from exam_protocol.ids import PaperId, TradeCode
from question_bank.items import PUBLIC_SCOPE, TYPE_WORDS, scope_words
from question_bank.paper_blueprint import counts, rules
from question_bank.papers import PURPOSE_WORDS, PURPOSES, AssembledPaper, PaperHead, build_paper
from question_bank.selection import Choice, SelectionImpossibleError, select
from question_bank.store import StoredItem


class ItemsMissingError(KaopingError):
    """The pool holds too few items of a type; the words name scope, type, the number needed and the number there is."""


def assemble_papers(
    pool: Sequence[StoredItem],
    config: ExamConfig,
    trades: Sequence[TradeCode],
    *,
    seed: int,
    new_id: Callable[[], str],
    revision: int = 1,
) -> tuple[AssembledPaper, ...]:
    """Assemble the papers of a session: for each trade the main and the reserve paper.

    Raises ``ItemsMissingError`` or ``SelectionImpossibleError``, each naming everything that is missing in all scopes,
    and ``ConfigurationError`` when no trade is asked for, one is unknown, or one is named twice.
    """
    _check_trades(trades)
    ordered = sorted(pool, key=lambda stored: stored.item.bank_no)
    by_scope = {
        scope: [stored for stored in ordered if stored.item.scope == scope] for scope in (PUBLIC_SCOPE, *trades)
    }
    _check_counts(config.blueprint, by_scope)
    chosen = _choose_all(config.blueprint, by_scope, seed)
    return tuple(
        build_paper(
            PaperHead(config, trade, purpose, PaperId(new_id()), revision),
            public=chosen[PUBLIC_SCOPE][place],
            own=chosen[trade][place],
        )
        for trade in trades
        for place, purpose in enumerate(PURPOSES)
    )


def pool_digest(pool: Sequence[StoredItem]) -> str:
    """SHA-256 of the pool's contents and keys by 编号: tells later which pool an assembly chose from."""
    items = sorted((stored.item for stored in pool), key=lambda item: item.bank_no)
    digest = hashlib.sha256()
    for item in items:
        digest.update(msgspec.json.encode(item) + b"\n")
    return digest.hexdigest()


def _check_trades(trades: Sequence[TradeCode]) -> None:
    if not trades:
        raise ConfigurationError("没有指定工种。", "请用 --trades 写明工种代码，或用 --all-in-bank。")
    unknown = [code for code in trades if code not in all_trades()]
    if unknown:
        raise ConfigurationError(f"没有这些工种代码：{'、'.join(unknown)}。", "请写通知附件 2 的工种代码，如 06-008。")
    if len(set(trades)) != len(trades):
        raise ConfigurationError("工种代码有重复。", "每个工种只写一次。")


def _check_counts(blueprint: PaperBlueprint, by_scope: dict[str, list[StoredItem]]) -> None:
    lines = []
    for scope, pool in by_scope.items():
        for kind, count in counts(blueprint, scope).items():
            needed = count * len(PURPOSES)
            usable = len({stored.stem_digest for stored in pool if stored.item.type is kind})
            if usable < needed:
                lines.append(f"{scope_words(scope)} / {TYPE_WORDS[kind]}：需要 {needed}，可用 {usable}")
    if lines:
        raise ItemsMissingError(
            "试题不够，不能组卷：\n" + "\n".join(lines) + "\n", "请补充试题后重新组卷（正卷和备用卷不共用试题）。"
        )


def _choose_all(
    blueprint: PaperBlueprint, by_scope: dict[str, list[StoredItem]], seed: int
) -> dict[str, tuple[list[StoredItem], ...]]:
    chosen: dict[str, tuple[list[StoredItem], ...]] = {}
    refusals: list[SelectionImpossibleError] = []
    for scope, pool in by_scope.items():
        items = [stored.item for stored in pool]
        try:
            sets = select(
                Choice(
                    where=scope_words(scope),
                    set_names=tuple(PURPOSE_WORDS[purpose] for purpose in PURPOSES),
                    size=len(pool),
                    rules=rules(blueprint, scope, items),
                    enemies=_enemies(pool),
                    seed=seed,
                )
            )
        except SelectionImpossibleError as impossible:
            refusals.append(impossible)
            continue
        chosen[scope] = tuple([pool[place] for place in places] for places in sets)
    if refusals:
        raise SelectionImpossibleError("".join(refusal.what for refusal in refusals), refusals[0].do)
    return chosen


def _enemies(pool: Sequence[StoredItem]) -> tuple[tuple[int, ...], ...]:
    """Items with the same stem but other options: one of them gives the other away."""
    by_stem: dict[str, list[int]] = {}
    for place, stored in enumerate(pool):
        by_stem.setdefault(stored.stem_digest, []).append(place)
    return tuple(tuple(places) for places in by_stem.values() if len(places) > 1)
