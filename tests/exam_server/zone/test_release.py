"""At the hour, and not before, each kiosk gets the key of its own paper; a restarted zone can give it again."""

from datetime import timedelta

import pytest
from zone_rig import STARTS_AT, ExamKeys, Zone, make_roster, release_envelope

from exam_protocol.errors import NotYetValidError, SealBrokenError, SignatureInvalidError, WrongServerError
from exam_protocol.messages import NotYet, PaperReleased
from exam_protocol.paper import Purpose
from exam_protocol.sitting_state import SittingState
from exam_server.models.exchange import SealedPaper
from exam_server.services.delivery import NOT_CONFIRMED, give_papers
from exam_server.services.opening import release_papers, reopen_papers


def sealed_paper(zone: Zone) -> bytes:
    row = zone.rows(SealedPaper.__tablename__)[0]
    assert isinstance(row["content"], bytes)
    return row["content"]


def test_before_the_hour_a_kiosk_is_told_to_wait(zone: Zone) -> None:
    assert isinstance(zone.confirmed(1).ready(), NotYet)


def test_at_the_hour_who_has_confirmed_gets_a_key_that_opens_the_paper(zone: Zone) -> None:
    kiosk = zone.confirmed(1)
    zone.release()
    (push,) = zone.pushes
    assert push.device == kiosk.device
    assert isinstance(push.message, PaperReleased)
    assert kiosk.open(push.message, sealed_paper(zone)) == zone.paper


def test_the_key_for_one_kiosk_does_not_open_at_another(zone: Zone) -> None:
    first, second = zone.confirmed(1), zone.confirmed(2)
    zone.release()
    with pytest.raises(SealBrokenError):
        second.open(zone.pushes[0].message, sealed_paper(zone))  # type: ignore[arg-type]  # is PaperReleased
    assert first.device != second.device


def test_a_release_before_the_start_opens_nothing(zone: Zone) -> None:
    envelope = release_envelope(zone.exam_keys, zone.trust, zone.roster)
    zone.now = STARTS_AT - timedelta(seconds=1)
    with pytest.raises(NotYetValidError):
        zone.run(release_papers, zone.keys, envelope)
    assert zone.rows("zone_release") == []


def test_a_release_signed_with_another_key_is_refused(zone: Zone) -> None:
    forged = release_envelope(ExamKeys(zone_encryption=zone.exam_keys.zone_encryption), zone.trust, zone.roster)
    zone.now = STARTS_AT
    with pytest.raises(SignatureInvalidError):
        zone.run(release_papers, zone.keys, forged)


def test_a_release_of_another_session_or_purpose_is_refused(zone: Zone) -> None:
    zone.now = STARTS_AT
    other_session = release_envelope(zone.exam_keys, zone.trust, make_roster(session="S2"))
    with pytest.raises(WrongServerError):
        zone.run(release_papers, zone.keys, other_session)
    reserve = release_envelope(zone.exam_keys, zone.trust, zone.roster, Purpose.RESERVE)
    with pytest.raises(WrongServerError):
        zone.run(release_papers, zone.keys, reserve)


def test_a_release_for_another_sealing_is_refused(zone: Zone) -> None:
    zone.now = STARTS_AT
    with pytest.raises(WrongServerError, match="第 2 版"):
        zone.run(release_papers, zone.keys, release_envelope(zone.exam_keys, zone.trust, zone.roster, revision=2))


def test_a_wrong_opening_key_is_noticed_before_anything_is_opened(zone: Zone) -> None:
    zone.now = STARTS_AT
    wrong = ExamKeys(release=zone.exam_keys.release, zone_encryption=zone.exam_keys.zone_encryption)
    with pytest.raises(SealBrokenError):
        zone.run(release_papers, zone.keys, release_envelope(wrong, zone.trust, zone.roster))


def test_the_same_release_twice_starts_once(zone: Zone) -> None:
    zone.release()
    first = zone.rows("zone_session")[0]["started_at"]
    zone.release(STARTS_AT + timedelta(seconds=5))
    assert zone.rows("zone_session")[0]["started_at"] == first


def test_after_a_restart_the_zone_gives_the_same_key_again(zone: Zone) -> None:
    kiosk = zone.answering(1)
    zone.start()
    zone.content_keys = zone.run(reopen_papers, zone.keys)
    released = kiosk.ready()
    assert kiosk.open(released, sealed_paper(zone)) == zone.paper


def test_a_zone_that_restarts_before_the_hour_has_no_key(zone: Zone) -> None:
    assert zone.run(reopen_papers, zone.keys) == {}


def test_who_confirms_after_the_start_begins_then_and_ends_with_the_others(zone: Zone) -> None:
    late = zone.kiosk(1)
    zone.release()
    zone.now = STARTS_AT + timedelta(minutes=20)
    late.sign_in()
    assert late.ready() == NOT_CONFIRMED
    late.confirm()
    released = late.ready()
    assert released.ends_at == int((STARTS_AT + timedelta(minutes=90)).timestamp() * 1000)


def test_nobody_begins_twice(zone: Zone) -> None:
    zone.answering(1)
    assert zone.run(give_papers, zone.content_keys) == 0
    assert zone.rows("zone_sitting")[0]["state"] == SittingState.ANSWERING
