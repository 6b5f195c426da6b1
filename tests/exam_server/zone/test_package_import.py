"""What a zone takes in: its own roster and papers, genuine, whole, not older than what it has."""

from pathlib import Path

import msgspec
import pytest
from zone_rig import ID_HASH_KEY, ExamKeys, Zone, id_number_of, make_entry, make_roster, paper_package, roster_package

from exam_protocol.errors import PackageBrokenError, PartDigestMismatchError, SignatureInvalidError, WrongServerError
from exam_protocol.ids import PaperId, ServerId
from exam_protocol.messages import SignedIn
from exam_protocol.paper import Purpose
from exam_server.services.opening import AlreadyBegunError, NoPaperError, NoRosterError, open_rooms
from exam_server.services.package_import import OlderPackageError, import_package


def test_the_roster_brings_rooms_candidates_and_photos_but_no_id_number(zone: Zone) -> None:
    assert [row["name"] for row in zone.rows("zone_room")] == ["第 01 考场"]
    assert len(zone.rows("zone_sitting")) == len(zone.rows("zone_portrait")) == 6
    assert "id_number" not in zone.rows("zone_sitting")[0]


def test_extra_time_of_the_roster_is_an_entry_of_the_time_ledger(empty_zone: Zone) -> None:
    zone = empty_zone
    zone.roster = make_roster(entries=(make_entry(1, extra_minutes=20), make_entry(2)))
    zone.prepare()
    assert [(row["sitting"], row["seconds"]) for row in zone.rows("zone_ledger_entry")] == [(20_001, 1200)]


def test_papers_need_the_roster_first(empty_zone: Zone) -> None:
    zone = empty_zone
    with pytest.raises(NoRosterError):
        zone.run(import_package, zone.keys, paper_package(zone.exam_keys, zone.trust, zone.paper))


def test_a_package_of_another_server_is_refused_by_name(zone: Zone) -> None:
    other = paper_package(zone.exam_keys, zone.trust, zone.paper, server=ServerId("zone-03/1"))
    with pytest.raises(WrongServerError, match="zone-03/1"):
        zone.run(import_package, zone.keys, other)


def test_a_package_signed_with_other_keys_is_refused(zone: Zone) -> None:
    with pytest.raises(SignatureInvalidError):
        zone.run(import_package, zone.keys, paper_package(ExamKeys(), zone.trust, zone.paper))


def test_a_cut_package_is_refused_and_nothing_of_it_is_kept(empty_zone: Zone) -> None:
    zone = empty_zone
    package = roster_package(zone.exam_keys, zone.trust, zone.roster)
    with pytest.raises(PackageBrokenError):
        zone.run(import_package, zone.keys, package[:-1])
    assert zone.rows("zone_session") == []


def test_a_swapped_byte_is_refused(empty_zone: Zone) -> None:
    zone = empty_zone
    package = bytearray(roster_package(zone.exam_keys, zone.trust, zone.roster))
    package[-1] ^= 1
    with pytest.raises(PartDigestMismatchError):
        zone.run(import_package, zone.keys, bytes(package))


def test_an_older_revision_does_not_replace_a_newer_one(zone: Zone) -> None:
    zone.run(import_package, zone.keys, paper_package(zone.exam_keys, zone.trust, zone.paper, revision=3))
    with pytest.raises(OlderPackageError):
        zone.run(import_package, zone.keys, paper_package(zone.exam_keys, zone.trust, zone.paper, revision=2))


def test_a_new_roster_replaces_the_old_one_until_a_kiosk_has_enrolled(zone: Zone) -> None:
    newer = make_roster(entries=(make_entry(1), make_entry(2)))
    zone.run(import_package, zone.keys, roster_package(zone.exam_keys, zone.trust, newer, revision=2))
    assert len(zone.rows("zone_sitting")) == 2
    zone.codes = zone.run(open_rooms)
    zone.kiosk(1)
    with pytest.raises(AlreadyBegunError):
        zone.run(import_package, zone.keys, roster_package(zone.exam_keys, zone.trust, newer, revision=3))


def test_a_roster_of_another_session_needs_another_folder(zone: Zone) -> None:
    other = make_roster(session="S2")
    with pytest.raises(WrongServerError, match="S2"):
        zone.run(import_package, zone.keys, roster_package(zone.exam_keys, zone.trust, other))


def test_rooms_do_not_open_while_a_trade_has_no_paper(empty_zone: Zone) -> None:
    zone = empty_zone
    zone.roster = make_roster(entries=(make_entry(1), make_entry(2, trade="10-001")))
    with pytest.raises(NoPaperError, match="10-001"):
        zone.prepare()


def test_the_reserve_paper_lies_beside_the_live_one(zone: Zone) -> None:
    reserve = msgspec.structs.replace(zone.paper, id=PaperId("reserve-1"), purpose=Purpose.RESERVE)
    zone.run(import_package, zone.keys, paper_package(zone.exam_keys, zone.trust, reserve, Purpose.RESERVE))
    assert {row["purpose"] for row in zone.rows("zone_package")} == {"live", "reserve"}
    assert zone.run(open_rooms, Purpose.RESERVE).keys() == {"01"}


@pytest.mark.parametrize("postgres_url", ["sqlite"], indirect=True)
def test_no_plaintext_of_a_paper_is_on_the_disk(zone: Zone) -> None:
    zone.answering(1)
    assert "第 1 题的题干".encode() not in bytes_on_disk(zone)


@pytest.mark.parametrize("postgres_url", ["sqlite"], indirect=True)
def test_the_key_of_the_hashed_id_numbers_is_not_on_the_disk(zone: Zone) -> None:
    """With it, the last four digits and the hash, a stolen database would give every ID number."""
    assert isinstance(zone.kiosk(2).sign_in(id_number_of(2), "2602010102"), SignedIn)
    assert ID_HASH_KEY not in bytes_on_disk(zone)


def bytes_on_disk(zone: Zone) -> bytes:
    with zone.engine.connect() as connection:
        database = connection.exec_driver_sql("PRAGMA database_list").first()
    assert database is not None
    return b"".join(Path(f"{database[2]}{suffix}").read_bytes() for suffix in ("", "-wal"))
