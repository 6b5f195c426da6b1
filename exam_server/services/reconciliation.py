"""对账: the roster against what the zones' packages say; whatever does not agree is a finding with a name.

Pure: planned sittings, opened packages and answer keys in; counted sittings, findings and counts out. A *blocking*
finding withholds the candidate's mark until people at the centre have settled it; no finding changes a mark by itself.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import msgspec

from exam_protocol.answer_key import AnswerKey
from exam_protocol.documents import Receipt, SittingRecord
from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import Chain, Responses, check_chain, fold, read_event
from exam_protocol.ids import PaperId, ServerId, SittingId, TicketNo, TradeCode, sitting_of
from exam_protocol.messages import Answer
from exam_protocol.sitting_state import CLOSED, PRESENT, WORDS, SittingState
from exam_server.services.collection import OpenedPackage
from exam_server.services.package_findings import Finding, count_findings, late_answers, newest_by_server

VerifyReceipt = Callable[[bytes, ServerId], Receipt]
"""Verifies a signed receipt by the keys of a server; raises the named errors of ``keys.Trust.verify``."""


class PlannedPerson(msgspec.Struct, frozen=True):
    """A sitting as the centre planned it."""

    sitting: SittingId
    ticket_no: TicketNo
    trade: TradeCode
    server: ServerId


class CountedSitting(msgspec.Struct, frozen=True):
    """A sitting as it ended. ``responses`` is ``None`` where nothing can be marked; ``answers`` are its ``Answer``s."""

    planned: PlannedPerson
    state: SittingState | None
    paper: PaperId | None
    responses: Responses | None
    answers: int
    is_withheld: bool


class Reconciled(msgspec.Struct, frozen=True):
    """The outcome: one entry per planned sitting in order of ticket number, findings, and the sums."""

    sittings: tuple[CountedSitting, ...]
    findings: tuple[Finding, ...]
    answers_packaged: int
    events_packaged: int
    present: int
    absent: int
    moved_out: int


def reconcile(
    people: Sequence[PlannedPerson],
    packages: Sequence[OpenedPackage],
    answer_keys: Mapping[PaperId, AnswerKey],
    verify_receipt: VerifyReceipt,
) -> Reconciled:
    """Check packages against the roster and each other, and each attempt's chain and receipt."""
    findings: list[Finding] = []
    counting = newest_by_server(packages, findings)
    for package in counting:
        findings += count_findings(package)
        findings += late_answers(package)
    records = _records_by_sitting(counting)
    planned = {person.sitting: person for person in people}
    for sitting, found in records.items():
        if sitting not in planned:
            findings += [
                Finding("sitting_unknown", server, record.ticket_no, "答卷包里有这名考生，报名表里没有。")
                for server, record in found
            ]
    checker = _SittingChecker(answer_keys, verify_receipt, findings)
    sittings = tuple(
        checker.check(person, records.get(person.sitting, []))
        for person in sorted(people, key=lambda person: person.ticket_no)
    )
    every_record = [record for found in records.values() for _, record in found]
    return Reconciled(
        sittings,
        tuple(findings),
        sum(_answers(record) for record in every_record),
        sum(len(record.events) for record in every_record),
        sum(sitting.state in PRESENT for sitting in sittings),
        sum(sitting.state is SittingState.ABSENT for sitting in sittings),
        sum(sitting.state is SittingState.MOVED_OUT for sitting in sittings),
    )


def _records_by_sitting(packages: Sequence[OpenedPackage]) -> dict[SittingId, list[tuple[ServerId, SittingRecord]]]:
    records: dict[SittingId, list[tuple[ServerId, SittingRecord]]] = defaultdict(list)
    for package in packages:
        for record in package.answers.sittings:
            records[record.sitting].append((package.manifest.server, record))
    return records


def _answers(record: SittingRecord) -> int:
    count = 0
    for event in record.events:
        try:
            count += isinstance(read_event(event.encode()), Answer)
        except KaopingError:
            continue  # named by the chain's own finding
    return count


class _SittingChecker:
    """Checks one sitting after the other and notes what does not agree."""

    def __init__(
        self, answer_keys: Mapping[PaperId, AnswerKey], verify_receipt: VerifyReceipt, findings: list[Finding]
    ) -> None:
        self._answer_keys = answer_keys
        self._verify_receipt = verify_receipt
        self._findings = findings
        self._server = ServerId("")
        self._ticket_no = TicketNo("")
        self._is_withheld = False

    def check(self, person: PlannedPerson, found: Sequence[tuple[ServerId, SittingRecord]]) -> CountedSitting:
        """Return the sitting as it ended, after noting every finding about it."""
        self._server, self._ticket_no, self._is_withheld = person.server, person.ticket_no, False
        # A sitting that moved out is told twice by right: once where it left and once where it was sat.
        sat = [(server, record) for server, record in found if record.state is not SittingState.MOVED_OUT]
        if not found:
            self._note("sitting_missing", "报名表里有这名考生，任何答卷包里都没有。")
        if len(sat) > 1 or len(found) - len(sat) > 1:
            self._note("sitting_doubled", f"这名考生在 {len(found)} 处答卷包里都有。")
        if found and not sat:
            self._note("moved_nowhere", "登记为转出，却没有转入任何考点。")
        if not sat:
            state = found[0][1].state if found else None
            return CountedSitting(person, state, None, None, 0, is_withheld=True)
        self._server, record = sat[0]
        if (record.ticket_no, record.trade) != (person.ticket_no, person.trade):
            self._note("person_differs", "答卷包里的准考证号或工种与报名表不符。")
        if record.state not in CLOSED:
            self._note("not_closed", f"状态是“{WORDS[record.state]}”，考试没有结束。")
        responses = self._responses(record)
        return CountedSitting(
            person, record.state, record.paper, responses, _answers(record), is_withheld=self._is_withheld
        )

    def _note(self, code: str, words: str, *, is_blocking: bool = True) -> None:
        self._findings.append(Finding(code, self._server, self._ticket_no, words, is_blocking))
        self._is_withheld = self._is_withheld or is_blocking

    def _responses(self, record: SittingRecord) -> Responses | None:
        if record.state is SittingState.ABSENT:
            if record.events:
                self._note("absent_with_answers", f"登记为缺考，却有 {len(record.events)} 条作答记录。")
            return None
        if record.attempt is None or record.paper is None:
            if record.events or record.state is SittingState.HANDED_IN:
                self._note("attempt_missing", "有作答，却没有作答编号或试卷编号。")
            # Signed in and never started, then collected: present, with nothing answered.
            return Responses({}, 0, None)
        if sitting_of(record.attempt) != record.sitting:
            self._note("attempt_foreign", "作答编号属于另一名考生。")
            return None
        answer_key = self._answer_keys.get(record.paper)
        if answer_key is None or answer_key.trade != record.trade:
            self._note("paper_unknown", "所用试卷没有标准答案，或工种不符。")
            return None
        try:
            chain, entries = check_chain((event.encode() for event in record.events), record.attempt, record.paper)
        except KaopingError as broken:
            self._note("chain_broken", f"作答记录链不完整：{broken.what}")
            return None
        responses = fold(entries)
        self._check_items(answer_key, responses)
        self._check_close(record, chain, responses, len(answer_key.items))
        return responses

    def _check_items(self, answer_key: AnswerKey, responses: Responses) -> None:
        options = {item.item: frozenset(item.options) for item in answer_key.items}
        foreign = [
            item for item, answer in responses.last.items() if not options.get(item, frozenset()) >= set(answer.options)
        ]
        if foreign or not responses.last.keys() <= options.keys():
            self._note("item_foreign", "作答里有试卷上没有的试题或选项。")

    def _check_close(self, record: SittingRecord, chain: Chain, responses: Responses, items: int) -> None:
        if not chain.is_closed:
            # A kiosk that was dead at the end is collected with what the zone holds: to be looked at, not withheld.
            self._note(
                "not_closed_by_kiosk",
                "作答记录没有交卷收尾，按考点所存计。",
                is_blocking=record.state is SittingState.HANDED_IN,
            )
        if record.receipt is None:
            if chain.is_closed:
                self._note("receipt_missing", "已交卷，却没有交卷回执。", is_blocking=False)
            return
        try:
            receipt = self._verify_receipt(record.receipt, self._server)
        except KaopingError as refused:
            self._note("receipt_invalid", f"交卷回执无效：{refused.what}")
            return
        held = (record.sitting, record.attempt, record.ticket_no, chain.seq, chain.head, responses.answered, items)
        told = (
            receipt.sitting,
            receipt.attempt,
            receipt.ticket_no,
            receipt.events,
            receipt.head,
            receipt.answered,
            receipt.items,
        )
        if held != told:
            self._note("receipt_differs", "交卷回执与所存作答不符，可能少了或改了作答。")
