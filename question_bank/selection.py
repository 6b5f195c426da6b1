"""Choosing disjoint sets of items that keep the rules: CP-SAT, and in words what is missing when there is no choice.

One worker, a seed and a deterministic limit: the same pool and seed give the same sets (a wall-clock limit or several
workers would not, and another version of the solver may not: the chosen items are what is kept).
"""

import hashlib
from importlib import metadata

import msgspec
from ortools.sat.python import cp_model

from exam_protocol.errors import KaopingError
from question_bank.paper_blueprint import Rule

SOLVER = f"ortools {metadata.version('ortools')} CP-SAT"
_DETERMINISTIC_LIMIT = 5.0
_GOOD_ENOUGH = 0.05
_MAX_TASTE = 99
_COST_OF_COUNT, _COST_OF_BALANCE = 1_000_000, 1000
_FOUND = (cp_model.OPTIMAL, cp_model.FEASIBLE)


class SelectionImpossibleError(KaopingError):
    """No choice keeps all rules; the words name each rule that cannot be kept."""


class Choice(msgspec.Struct, frozen=True):
    """What is asked: one set per name out of a pool of ``size`` items, no item twice, each set keeping all rules.

    Of each group of ``enemies`` (positions of items that give each other away) at most one is taken over all sets.
    Among the many answers the seed decides. ``where`` begins each line of a refusal.
    """

    where: str
    set_names: tuple[str, ...]
    size: int
    rules: tuple[Rule, ...]
    enemies: tuple[tuple[int, ...], ...]
    seed: int


def select(choice: Choice) -> tuple[tuple[int, ...], ...]:
    """Return which items (positions in the pool, ascending) each set takes. Raises ``SelectionImpossibleError``."""
    model, taken = _model(choice)
    for of_set in taken:
        for rule in choice.rules:
            model.add_linear_constraint(_sum(of_set, rule), rule.low, rule.high)
    model.maximize(
        sum(
            _taste(choice.seed, set_no, item) * variable
            for set_no, of_set in enumerate(taken)
            for item, variable in enumerate(of_set)
        )
    )
    solver = _solver(choice.seed)
    status = solver.solve(model)
    if status in _FOUND:
        return tuple(tuple(item for item, v in enumerate(of_set) if solver.boolean_value(v)) for of_set in taken)
    if status == cp_model.INFEASIBLE:
        raise _what_is_missing(choice)
    raise SelectionImpossibleError(f"{choice.where}：在规定的计算量内没有找到组卷方案。", "请换一个种子，或补充试题。")


def _model(choice: Choice) -> tuple[cp_model.CpModel, list[list[cp_model.IntVar]]]:
    model = cp_model.CpModel()
    taken = [
        [model.new_bool_var(f"{set_no}/{item}") for item in range(choice.size)]
        for set_no in range(len(choice.set_names))
    ]
    for item in range(choice.size):
        model.add_at_most_one(of_set[item] for of_set in taken)
    for group in choice.enemies:
        model.add_at_most_one(of_set[item] for of_set in taken for item in group)
    return model, taken


def _sum(variables: list[cp_model.IntVar], rule: Rule) -> cp_model.LinearExpr:
    return cp_model.LinearExpr.weighted_sum(variables, [int(weight) for weight in rule.weights])


def _taste(seed: int, set_no: int, item: int) -> int:
    """How much the seed likes an item in a set: makes one choice out of the many that keep the rules."""
    digest = hashlib.sha256(f"kaoping assembly/1 {seed} {set_no} {item}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % (_MAX_TASTE + 1)


def _solver(seed: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.max_deterministic_time = _DETERMINISTIC_LIMIT
    solver.parameters.relative_gap_limit = _GOOD_ENOUGH
    return solver


def _what_is_missing(choice: Choice) -> SelectionImpossibleError:
    """Solve again with every rule made elastic; what has to stretch is what is missing."""
    model, taken = _model(choice)
    stretches = []
    for name, of_set in zip(choice.set_names, taken, strict=True):
        for rule in choice.rules:
            reach = sum(int(weight) for weight in rule.weights) + rule.high
            missing = model.new_int_var(0, reach, "missing")
            beyond = model.new_int_var(0, reach, "beyond")
            model.add_linear_constraint(_sum(of_set, rule) + missing - beyond, rule.low, rule.high)
            stretches.append((name, rule, missing, beyond))
    model.minimize(sum(_cost(rule) * (missing + beyond) for _, rule, missing, beyond in stretches))
    solver = _solver(choice.seed)
    if solver.solve(model) not in _FOUND:
        return SelectionImpossibleError(f"{choice.where}：没有可行的组卷方案。", "请补充试题，或放宽细目表。")
    lines = []
    for name, rule, missing, beyond in stretches:
        shift = solver.value(beyond) - solver.value(missing)
        if shift:
            wanted, bound = ("最多", rule.high) if shift > 0 else ("最少", rule.low)
            can = f"{wanted} {bound / rule.unit:.4g}，只能做到 {(bound + shift) / rule.unit:.4g}"
            lines.append(f"{choice.where} / {name} / {rule.words}：{can}")
    return SelectionImpossibleError("组卷条件无法同时满足：\n" + "\n".join(lines) + "\n", "请补充试题，或放宽细目表。")


def _cost(rule: Rule) -> int:
    # A missing item is told as missing and not as an imbalance, hence counts (low = high) cost by far the most. The
    # mean difficulty counts in thousandths (unit > 1), the other balances in items.
    if rule.unit > 1:
        return 1
    return _COST_OF_COUNT if rule.low == rule.high else _COST_OF_BALANCE
