"""The answer package: balanced, complete, sealed to the centre, and closed to the zone itself."""

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest
from zone_rig import SERVER, STARTS_AT, Zone

from exam_protocol.canonical_json import decode
from exam_protocol.documents import AnswerManifest, Counts, ZoneAnswers
from exam_protocol.envelope import decrypt, unseal
from exam_protocol.errors import SealBrokenError
from exam_protocol.event_chain import check_chain
from exam_protocol.exchange import AnswersTaken, answers_context
from exam_protocol.package import contents_of, manifest_of
from exam_server.services.collecting import sweep
from exam_server.services.handover import (
    NotClosedError,
    close_session,
    is_package_outdated,
    make_answer_package,
    note_taken,
    package_to_bring,
)
from exam_server.services.time_ledger import extend_time
from exam_server.services.wire_time import to_ms
from exam_server.zone.answer_package import make_package

CONTEXT = answers_context("2026-technician", "S1", SERVER)  # type: ignore[arg-type]  # ids are strings


@pytest.fixture
def ended(zone: Zone) -> Zone:
    """One handed in, one was collected, four did not come."""
    first, second = zone.answering(1), zone.answering(2)
    first.answer("i1")
    first.answer("i2", ("o2-2",))
    second.answer("i1")
    zone.run(extend_time, [20_001], 60, "machine", "鼠标故障")
    zone.now = STARTS_AT + timedelta(minutes=40)
    first.hand_in()
    zone.now = STARTS_AT + timedelta(minutes=91, seconds=1)
    zone.run(sweep)
    zone.save(second.next_answer("i3"))
    return zone


def open_package(zone: Zone, package: bytes) -> tuple[AnswerManifest, ZoneAnswers]:
    manifest = zone.trust.verify(manifest_of(package), AnswerManifest, scope=SERVER, now=zone.now)
    (part,) = contents_of(package, [manifest.part])
    content_key = unseal(manifest.content_keys[0], zone.exam_keys.centre_encryption.opening_key, CONTEXT)
    return manifest, decode(decrypt(part, content_key, CONTEXT), ZoneAnswers, max_bytes=10_000_000)


def test_the_session_does_not_close_while_somebody_is_not_accounted_for(ended: Zone) -> None:
    with pytest.raises(NotClosedError, match="3 座未到"):
        ended.run(close_session)


def test_the_chief_confirms_who_did_not_come_and_closes(ended: Zone) -> None:
    ended.run(close_session, "未到")
    assert ended.board.session is not None
    assert ended.board.session.closed_at is not None


def test_no_package_before_the_session_is_closed(ended: Zone) -> None:
    with pytest.raises(NotClosedError):
        ended.run(make_answer_package, ended.keys)


def test_the_counts_of_the_manifest_balance(ended: Zone) -> None:
    ended.run(close_session, "未到")
    manifest, answers = open_package(ended, ended.run(make_answer_package, ended.keys))
    assert manifest.counts == Counts(
        expected=6, present=2, absent=4, moved_out=0, handed_in=1, collected=1, voided=0, stopped=0, events=4
    )
    assert sum(len(record.events) for record in answers.sittings) == 4


def test_every_chain_in_the_package_is_whole(ended: Zone) -> None:
    ended.run(close_session, "未到")
    _, answers = open_package(ended, ended.run(make_answer_package, ended.keys))
    first = answers.sittings[0]
    assert first.attempt is not None
    assert first.paper is not None
    end, _ = check_chain((event.encode() for event in first.events), first.attempt, first.paper)
    assert (end.seq, end.is_closed) == (3, True)
    assert first.receipt is not None
    assert [entry.seconds for entry in first.time_entries] == [60]


def test_what_came_too_late_reaches_the_centre_as_an_incident(ended: Zone) -> None:
    ended.run(close_session, "未到")
    _, answers = open_package(ended, ended.run(make_answer_package, ended.keys))
    late = [incident for incident in answers.incidents if incident.category == "late_answers"]
    assert [(incident.sitting, incident.words) for incident in late] == [
        (20_002, "有 1 条作答没有计入，另外保存（collected）")
    ]


def test_the_zone_cannot_open_its_own_package_again(ended: Zone) -> None:
    ended.run(close_session, "未到")
    manifest, _ = open_package(ended, ended.run(make_answer_package, ended.keys))
    with pytest.raises(SealBrokenError):
        unseal(manifest.content_keys[0], ended.keys.encryption.opening_key, CONTEXT)


def test_what_came_after_the_close_makes_a_newer_package_that_is_brought_too(zone: Zone, tmp_path: Path) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=91, seconds=1)
    zone.run(sweep)
    zone.run(close_session, "未到")
    first = make(zone, tmp_path)
    assert make(zone, tmp_path) == first
    take(zone, first)
    assert zone.run(package_to_bring) is None

    zone.save(kiosk.next_answer("i3"))
    assert zone.run(is_package_outdated) is False  # more of the kind may follow within seconds
    zone.now += timedelta(seconds=10)
    assert zone.run(is_package_outdated) is True
    second = make(zone, tmp_path)

    assert zone.run(is_package_outdated) is False
    assert zone.run(package_to_bring) == hashlib.sha256(second).hexdigest()
    _, answers = open_package(zone, second)
    assert [incident.words for incident in answers.incidents if incident.category == "late_answers"] == [
        "有 1 条作答没有计入，另外保存（collected）"
    ]
    take(zone, second)
    assert zone.run(package_to_bring) is None


def test_a_package_that_a_newer_one_replaced_is_not_brought_any_more(zone: Zone, tmp_path: Path) -> None:
    kiosk = zone.answering(1)
    zone.now = STARTS_AT + timedelta(minutes=91, seconds=1)
    zone.run(sweep)
    zone.run(close_session, "未到")
    make(zone, tmp_path)
    zone.save(kiosk.next_answer("i3"))
    take(zone, make(zone, tmp_path))
    assert zone.run(package_to_bring) is None


def make(zone: Zone, folder: Path) -> bytes:
    return make_package(folder, zone.keys, lambda: zone.now, zone.runner.run)


def take(zone: Zone, package: bytes) -> None:
    sha256 = hashlib.sha256(package).hexdigest()
    zone.run(note_taken, AnswersTaken(SERVER, zone.roster.session, sha256, len(package), 6, to_ms(zone.now)))
