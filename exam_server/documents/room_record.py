"""考场情况记录单: what happened in one room, filled in by the system and signed by people."""

from datetime import datetime

import msgspec

from exam_server.documents.local_time import clock, clock_with_seconds, date_and_clock, date_words
from exam_server.documents.pages import EventLine, RoomCounts, RoomRecord, SealedLine
from exam_server.documents.qr_code import qr_png
from exam_server.documents.render import render

_QR = "package.png"
_GROUP = 4
_GROUPS_A_LINE = 8


def render_room_record(record: RoomRecord) -> bytes:
    """Draw the record. The page itself says whether its sums balance. Raises the errors of ``render``."""
    files = {} if record.package is None else {_QR: qr_png(record.package.sha256)}
    content: dict[str, object] = msgspec.structs.asdict(record)
    content |= {
        "printed_at": date_and_clock(record.printed_at),
        "date": date_words(record.planned_start),
        "planned": _span(record.planned_start, record.planned_end),
        "actual": _span(record.actual_start, record.actual_end),
        "counts": _shown_counts(record.counts),
        "sums": sums(record.counts),
        "absentees": [msgspec.structs.asdict(line) | {"seat": f"{line.seat:02}"} for line in record.absentees],
        "events": [_event(line) for line in record.events],
        "package": None if record.package is None else _package(record.package),
    }
    for unprinted in ("planned_start", "planned_end", "actual_start", "actual_end"):
        del content[unprinted]
    return render("room_record", content, files)


def sums(counts: RoomCounts) -> list[tuple[bool, str]]:
    """The two sums that must balance, each in words and with whether it does."""
    who = [("缺考", counts.absent), ("转出", counts.moved_out)]
    how = [
        ("本人交卷", counts.handed_in),
        ("到时收卷", counts.collected),
        ("违纪停止", counts.voided),
        ("中止", counts.stopped),
    ]
    return [
        _sum(("应考", counts.expected), [("实考", counts.present), *_worth_saying(who)]),
        _sum(("实考", counts.present), _worth_saying(how)),
    ]


def _worth_saying(terms: list[tuple[str, int]]) -> list[tuple[str, int]]:
    return [terms[0], *(term for term in terms[1:] if term[1])]


def _sum(whole: tuple[str, int], terms: list[tuple[str, int]]) -> tuple[bool, str]:
    balances = whole[1] == sum(count for _, count in terms)
    told = " ＋ ".join(f"{word} {count}" for word, count in terms)
    return balances, f"{whole[0]} {whole[1]} {'＝' if balances else '≠'} {told}"


def _shown_counts(counts: RoomCounts) -> list[tuple[int, str]]:
    shown = [
        (counts.expected, "应考"),
        (counts.present, "实考"),
        (counts.absent, "缺考"),
        (counts.handed_in, "本人交卷"),
        (counts.collected, "到时收卷"),
        (counts.voided, "违纪停止"),
        (counts.extended, "补时（人）"),
        (counts.machine_changes, "换机（人）"),
    ]
    rare = [(counts.moved_out, "转出"), (counts.stopped, "中止")]
    return shown + [item for item in rare if item[0]]


def _event(line: EventLine) -> dict[str, str]:
    return {
        "at": clock(line.at),
        "who": line.who,
        "category": line.category,
        "words": line.words,
        "minutes": "—" if line.minutes is None else f"+{line.minutes} 分",
        "actor": line.actor,
    }


def _package(package: SealedLine) -> dict[str, object]:
    groups = [package.sha256[start : start + _GROUP] for start in range(0, len(package.sha256), _GROUP)]
    lines = [" ".join(groups[start : start + _GROUPS_A_LINE]) for start in range(0, len(groups), _GROUPS_A_LINE)]
    return {
        "sealed_at": clock_with_seconds(package.sealed_at),
        "sittings": package.sittings,
        "digest": lines,
        "qr": _QR,
    }


def _span(start: datetime | None, end: datetime | None) -> str:
    return f"{clock_with_seconds(start) if start else '—'} – {clock_with_seconds(end) if end else '—'}"
