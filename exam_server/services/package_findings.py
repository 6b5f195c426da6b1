"""What does not agree, and the part of it that concerns a whole answer package: counts, replacements, late answers."""

from collections.abc import Iterable, Sequence

import msgspec

from exam_protocol.documents import Counts
from exam_protocol.ids import ServerId, TicketNo
from exam_protocol.sitting_state import PRESENT, SittingState
from exam_server.services.collection import OpenedPackage

_LATE_ANSWERS = "late_answers"
"""The incident category under which a zone tells of answers it kept aside."""
_COUNT_WORDS = {
    "expected": "应考",
    "present": "实考",
    "absent": "缺考",
    "moved_out": "转出",
    "handed_in": "交卷",
    "collected": "收卷",
    "voided": "违纪终止",
    "stopped": "中止",
    "events": "作答记录",
}


class Finding(msgspec.Struct, frozen=True):
    """One thing that does not agree. ``ticket_no`` is ``None`` where it concerns a whole package."""

    code: str
    server: ServerId
    ticket_no: TicketNo | None
    words: str
    is_blocking: bool = True


def newest_by_server(packages: Sequence[OpenedPackage], findings: list[Finding]) -> list[OpenedPackage]:
    """Return the newest package of each server; notes where an earlier one held other answers."""
    newest: dict[ServerId, OpenedPackage] = {}
    for package in packages:
        server = package.manifest.server
        # Sealed anew, the same answers give other bytes; only other answers are worth a person's time.
        if server in newest and newest[server].answers != package.answers:
            findings.append(
                Finding(
                    "package_replaced", server, None, "送来过两份内容不同的答卷包，按最后一份计。", is_blocking=False
                )
            )
        newest[server] = package
    return list(newest.values())


def count_findings(package: OpenedPackage) -> Iterable[Finding]:
    """Compare the counts that the manifest signs with what is inside, and with each other."""
    signed, server = package.manifest.counts, package.manifest.server
    states = [record.state for record in package.answers.sittings]
    held = Counts(
        expected=len(states),
        present=sum(state in PRESENT for state in states),
        absent=states.count(SittingState.ABSENT),
        moved_out=states.count(SittingState.MOVED_OUT),
        handed_in=states.count(SittingState.HANDED_IN),
        collected=states.count(SittingState.COLLECTED),
        voided=states.count(SittingState.VOIDED),
        stopped=states.count(SittingState.STOPPED),
        events=sum(len(record.events) for record in package.answers.sittings),
    )
    if signed != held:
        yield Finding("counts_differ", server, None, f"清单签署的人数与包内不符：{_difference(signed, held)}。")
    if (
        signed.expected != signed.present + signed.absent + signed.moved_out
        or signed.present != signed.handed_in + signed.collected + signed.voided + signed.stopped
    ):
        yield Finding(
            "counts_unbalanced", server, None, "清单的人数不平：应考 ≠ 实考 + 缺考 + 转出，或实考的分项不合。"
        )


def late_answers(package: OpenedPackage) -> Iterable[Finding]:
    """Tell what the zone kept aside (an old kiosk's answers, answers after the end): not marked, and never silent."""
    tickets = {record.sitting: record.ticket_no for record in package.answers.sittings}
    for incident in package.answers.incidents:
        if incident.category == _LATE_ANSWERS:
            ticket_no = tickets.get(incident.sitting) if incident.sitting is not None else None
            yield Finding("late_answers", package.manifest.server, ticket_no, f"{incident.words}。", is_blocking=False)


def _difference(signed: Counts, held: Counts) -> str:
    pairs = zip(Counts.__struct_fields__, msgspec.structs.astuple(signed), msgspec.structs.astuple(held), strict=True)
    return "；".join(f"{_COUNT_WORDS[name]} 签 {one} 实 {other}" for name, one, other in pairs if one != other)
