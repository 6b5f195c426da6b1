"""Keys leave at the hour and not before, each readable by one server only; rosters carry no ID number."""

import pytest
from centre_factories import SERVERS, SmallCentre, make_id_number
from scoring_factories import EXAM, SESSION

from exam_protocol.canonical_json import decode
from exam_protocol.documents import KeyRelease, Role, RosterManifest, ZoneRoster
from exam_protocol.envelope import unseal
from exam_protocol.errors import NotYetValidError, SealBrokenError, WrongServerError
from exam_protocol.exchange import id_keyed_hash, release_context, roster_context
from exam_protocol.ids import ExamId
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import OPENING_KEYS_FORMAT, OpeningKey, OpeningKeys
from exam_server.services.release import (
    AlreadyReleasedError,
    NotYetReleasedError,
    Released,
    fetch_release,
    release_keys,
)
from exam_server.services.seating import seat_candidates
from exam_server.services.zone_rosters import NotAllSeatedError, make_zone_rosters


def make_opening_keys(exam: ExamId = EXAM) -> OpeningKeys:
    keys = tuple(OpeningKey(server, Purpose.LIVE, 1, bytes([place]) * 32) for place, server in enumerate(SERVERS, 1))
    return OpeningKeys(OPENING_KEYS_FORMAT, exam, SESSION, keys)


def release(centre: SmallCentre, *, exam: ExamId = EXAM, purpose: Purpose = Purpose.LIVE) -> Released:
    released: Released = centre.run(
        release_keys,
        centre.config,
        centre.trust,
        centre.key(Role.RELEASE),
        opening_keys=make_opening_keys(exam),
        purpose=purpose,
    )
    return released


def test_no_key_leaves_a_second_before_the_start(centre: SmallCentre) -> None:
    centre.wait(seconds=-1)

    with pytest.raises(NotYetValidError, match="到开考时间才能发放"):
        release(centre)
    with pytest.raises(NotYetReleasedError):
        centre.run(fetch_release, SESSION, SERVERS[0], Purpose.LIVE)


def test_at_the_start_each_server_gets_its_own_key_signed_and_sealed_to_it(centre: SmallCentre) -> None:
    assert release(centre) == Released(2, 0)

    envelope = centre.run(fetch_release, SESSION, SERVERS[1], Purpose.LIVE)
    document = centre.trust.verify(envelope, KeyRelease, now=centre.now)
    context = release_context(EXAM, SESSION, SERVERS[1], Purpose.LIVE, 1)
    own = centre.key(Role.ZONE_ENCRYPTION, SERVERS[1]).opening_key
    assert unseal(document.sealed_opening_key, own, context) == bytes([2]) * 32
    with pytest.raises(SealBrokenError):
        unseal(document.sealed_opening_key, centre.key(Role.ZONE_ENCRYPTION, SERVERS[0]).opening_key, context)


def test_releasing_twice_changes_nothing(centre: SmallCentre) -> None:
    release(centre)
    first = centre.run(fetch_release, SESSION, SERVERS[0], Purpose.LIVE)

    assert release(centre) == Released(0, 2)
    assert centre.run(fetch_release, SESSION, SERVERS[0], Purpose.LIVE) == first


def test_keys_of_another_exam_are_refused(centre: SmallCentre) -> None:
    with pytest.raises(WrongServerError, match="另一次考试"):
        release(centre, exam=ExamId("2025-technician"))


def test_keys_of_another_purpose_are_not_released_in_their_place(centre: SmallCentre) -> None:
    with pytest.raises(WrongServerError, match="reserve"):
        release(centre, purpose=Purpose.RESERVE)


def test_nobody_is_seated_anew_once_papers_are_out(seated_centre: SmallCentre) -> None:
    release(seated_centre)

    with pytest.raises(AlreadyReleasedError):
        seated_centre.run(seat_candidates, seated_centre.config, seated_centre.column_keys, SERVERS, "seed")


def make_rosters(centre: SmallCentre) -> dict[str, bytes]:
    packages: dict[str, bytes] = centre.run(
        make_zone_rosters, centre.config, centre.column_keys, centre.trust, centre.key(Role.ROSTER)
    )
    return packages


def test_a_zone_gets_its_own_people_and_no_id_number(seated_centre: SmallCentre) -> None:
    package = make_rosters(seated_centre)[SERVERS[0]]

    manifest = seated_centre.trust.verify(manifest_of(package), RosterManifest, now=seated_centre.now)
    (content,) = contents_of(package, [manifest.part])
    opening_key = seated_centre.key(Role.ZONE_ENCRYPTION, SERVERS[0]).opening_key
    opened = unseal(content, opening_key, roster_context(EXAM, SESSION, SERVERS[0], 1))
    roster = decode(opened, ZoneRoster, max_bytes=1_000_000)
    assert sorted(entry.name for entry in roster.entries) == ["考生1", "考生3", "考生5"]
    first = next(entry for entry in roster.entries if entry.name == "考生1")
    assert first.id_last4 == make_id_number(1)[-4:]
    assert first.id_keyed_hash == id_keyed_hash(roster.id_hash_key, make_id_number(1))
    assert make_id_number(1).encode() not in opened


def test_rosters_wait_until_everybody_is_seated(centre: SmallCentre) -> None:
    with pytest.raises(NotAllSeatedError):
        make_rosters(centre)
