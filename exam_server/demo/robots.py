"""Robot candidates: what each will answer, when, and who stays away, all fixed by one seed.

A robot knows the subject as a person would: by what the items say. Ids differ in every sealing, so nothing here
depends on them; the same seed gives the same absences and the same answers, and therefore the same results.
"""

import random
from collections.abc import Mapping, Sequence

import msgspec

from exam_protocol.documents import RosterEntry
from exam_protocol.ids import TradeCode
from exam_protocol.paper import ItemType
from kiosk_client.robot import CandidateScript, ScriptedChoice, stem_sha
from question_bank.items import BankItem

_ABSENT = 0.04
_ABILITY_MEAN, _ABILITY_SPREAD = 0.78, 0.14
_HARDER_BY = 0.05
_MIDDLE_DIFFICULTY = 3
_CHANGES_MIND = 0.03
_MARKS = 0.02
_LEAVES_BLANK = 0.01
_WAITS_FOR_THE_END = 0.15
_FIRST, _LAST = 0.02, 0.60
_HAND_IN_FROM, _HAND_IN_TO = 0.70, 0.95


class PlannedCandidate(msgspec.Struct, frozen=True):
    """A candidate of the roster and what they will do; no script for one who stays away."""

    entry: RosterEntry
    script: CandidateScript | None


def plan_candidates(
    entries: Sequence[RosterEntry], papers: Mapping[TradeCode, Sequence[BankItem]], duration_s: float, seed: int
) -> list[PlannedCandidate]:
    """Plan every candidate. ``papers`` are the items of each trade's live paper, in the paper's order.

    Answers are given between 2 % and 60 % of the time, so that a robot that a fault has held up still gives them all.
    """
    return [_plan(entry, papers[entry.trade], duration_s, seed) for entry in entries]


def _plan(entry: RosterEntry, items: Sequence[BankItem], duration_s: float, seed: int) -> PlannedCandidate:
    # One generator per candidate: who else sits, and in which order, must not change anybody's answers.
    chance = random.Random(f"{seed} {entry.ticket_no}")  # noqa: S311 - a rehearsal, no secret
    if chance.random() < _ABSENT:
        return PlannedCandidate(entry, None)
    ability = chance.gauss(_ABILITY_MEAN, _ABILITY_SPREAD)
    order = list(items)
    chance.shuffle(order)
    choices = [
        choice
        for place, item in enumerate(order)
        for choice in _choices(item, ability, (_FIRST + (_LAST - _FIRST) * place / len(order)) * duration_s, chance)
    ]
    hand_in_at = chance.uniform(_HAND_IN_FROM, _HAND_IN_TO) * duration_s
    # Extra time is real minutes even in a demo of seconds: who has it hands in by themselves.
    waits = chance.random() < _WAITS_FOR_THE_END and not entry.extra_minutes
    script = CandidateScript(
        entry.ticket_no, entry.id_last4, tuple(choices), None if waits else round(hand_in_at, 2), None, chance.random()
    )
    return PlannedCandidate(entry, script)


def _choices(item: BankItem, ability: float, at: float, chance: random.Random) -> list[ScriptedChoice]:
    if chance.random() < _LEAVES_BLANK:
        return []
    knows = chance.random() < ability - _HARDER_BY * (item.difficulty - _MIDDLE_DIFFICULTY)
    right = [item.options[place] for place in item.right]
    wrong = _wrong(item, chance)
    answer = right if knows else wrong
    name, marks = stem_sha(item.stem), chance.random() < _MARKS
    if chance.random() < _CHANGES_MIND:
        first = wrong if knows else right
        return [ScriptedChoice(name, tuple(first), round(at * 0.97, 2)), _choice(name, answer, at, marks=marks)]
    return [_choice(name, answer, at, marks=marks)]


def _choice(name: str, answer: Sequence[str], at: float, *, marks: bool) -> ScriptedChoice:
    return ScriptedChoice(name, tuple(answer), round(at, 2), marks)


def _wrong(item: BankItem, chance: random.Random) -> list[str]:
    """Answer as somebody would who is not sure: another option, or one of several missed."""
    right = set(item.right)
    if item.type is ItemType.MULTIPLE:
        missed = chance.choice(sorted(right))
        return [item.options[place] for place in sorted(right - {missed})]
    return [item.options[chance.choice([place for place in range(len(item.options)) if place not in right])]]
