"""成绩(结论): one line per candidate, and the one file that holds all of them, always in the same bytes.

The file is what two scoring runs are compared by: sorted by ticket number, marks as exact thousandths with three
decimals, UTF-8 with BOM, CRLF, every text guarded against being read as a formula (SECURITY §6).
"""

import csv
import io
import itertools
from collections.abc import Iterable

import msgspec

from exam_protocol.catalogue import trades
from exam_protocol.errors import KaopingError
from exam_protocol.ids import Milli, TicketNo, TradeCode
from scoring.marks import points_text
from scoring.pass_rules import OUTCOME_WORDS, Decision, Outcome
from scoring.subjects import SHORT_WORDS, STATUS_WORDS, SubjectStatus

HEADINGS = (
    "准考证号",
    "姓名",
    "考区",
    "工种",
    "单位",
    "应知状态",
    "应知成绩",
    "应会状态",
    "应会成绩",
    "结论",
    "说明",
)
# The full-width forms are read as formulas too; the apostrophe keeps the guard reversible.
_FORMULA_STARTS = frozenset("=+-@＝＋－＠\t\r\n'")
_EXACT_DECIMALS = 3


class TicketTwiceError(KaopingError):
    """Two results for one ticket number."""


class Result(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of one candidate. Marks are thousandths of a point, ``None`` unless their status is normal.

    ``zone`` is the zone's name (石家庄), ``trade`` the notice's code, ``reason`` a Chinese sentence.
    """

    ticket_no: TicketNo
    name: str
    zone: str
    trade: TradeCode
    unit: str
    know_milli: Milli | None
    know_status: SubjectStatus
    do_milli: Milli | None
    do_status: SubjectStatus
    outcome: Outcome
    reason: str

    @property
    def passed(self) -> bool:
        """Whether the candidate has passed."""
        return self.outcome is Outcome.PASS


def result_of(*, ticket_no: TicketNo, name: str, zone: str, trade: TradeCode, unit: str, decision: Decision) -> Result:
    """Put a candidate and the decision about them on one line."""
    know, do = decision.know, decision.do
    return Result(
        ticket_no,
        name,
        zone,
        trade,
        unit,
        know.milli,
        know.status,
        do.milli,
        do.status,
        decision.outcome,
        decision.reason,
    )


def mark_text(status: SubjectStatus, milli: Milli | None, decimals: int) -> str:
    """What stands where a mark is shown: the mark, cut off at so many decimals, or 缺考, 违纪, 无效, 待定, 待补考."""
    return SHORT_WORDS[status] if milli is None else points_text(milli, decimals)


def trade_text(trade: TradeCode) -> str:
    """Code and name together ("06-008 电工"): a code alone is read as a date by spreadsheet programs."""
    known = trades().get(trade)
    return f"{trade} {known.trade_name}" if known else trade


def guarded(text: str) -> str:
    """Make a text harmless in a spreadsheet: what could be read as a formula gets an apostrophe in front."""
    stripped = text.lstrip()
    starts = {text[:1], stripped[:1]} - {""}
    return f"'{text}" if starts & _FORMULA_STARTS else text


def results_csv(results: Iterable[Result]) -> bytes:
    """Write the canonical file: the same results give the same bytes, in whatever order they come.

    Raises ``TicketTwiceError``.
    """
    ordered = sorted(results, key=lambda result: result.ticket_no)
    for one, following in itertools.pairwise(ordered):
        if one.ticket_no == following.ticket_no:
            raise TicketTwiceError(f"准考证号 {one.ticket_no} 有两条成绩。", "请核对名册和答卷包后重新合成。")
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEADINGS)
    rows.writerows(_row(result) for result in ordered)
    return text.getvalue().encode("utf-8-sig")


def _row(result: Result) -> list[str]:
    texts = (
        result.ticket_no,
        result.name,
        result.zone,
        trade_text(result.trade),
        result.unit,
        STATUS_WORDS[result.know_status],
        _exact(result.know_milli),
        STATUS_WORDS[result.do_status],
        _exact(result.do_milli),
        OUTCOME_WORDS[result.outcome],
        result.reason,
    )
    return [guarded(text) for text in texts]


def _exact(milli: Milli | None) -> str:
    return "" if milli is None else points_text(milli, _EXACT_DECIMALS)
