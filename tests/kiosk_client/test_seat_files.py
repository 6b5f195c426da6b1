"""What a seat keeps on a real folder: private, whole or not at all, checked when it is read."""

import hashlib
from pathlib import Path

import pytest

from exam_protocol.errors import KaopingError
from kiosk_client.disk import FolderDisk
from kiosk_client.seat_files import PaperDamagedError, Preferences, SeatFiles


@pytest.fixture
def files(tmp_path: Path) -> SeatFiles:
    return SeatFiles(FolderDisk(tmp_path / "seat"))


def test_a_device_is_made_once_and_stays_the_same(files: SeatFiles, tmp_path: Path) -> None:
    made = files.device
    assert SeatFiles(FolderDisk(tmp_path / "seat")).device == made
    assert len({made.signing_secret, made.encryption_secret, made.seat_key}) == 3


def test_keys_and_journal_are_readable_by_their_own_account_only(files: SeatFiles, tmp_path: Path) -> None:
    assert files.device
    files.disk.append("journal-1-1.seg", b"record")
    assert (tmp_path / "seat").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "seat").iterdir()} == {0o600}


def test_an_enrolment_names_the_devices_public_keys_only(files: SeatFiles) -> None:
    request = files.device.enrolment("246810", 7)
    assert request.device == files.device.id
    assert files.device.signing_secret not in (request.signing_key, request.encryption_key)


def test_a_sealed_paper_with_another_hash_is_not_kept(files: SeatFiles) -> None:
    with pytest.raises(PaperDamagedError):
        files.keep_sealed_paper(b"sealed", hashlib.sha256(b"another").hexdigest())
    assert files.disk.names() == ()


def test_a_cached_paper_that_was_altered_is_fetched_anew(files: SeatFiles) -> None:
    sha256 = hashlib.sha256(b"sealed").hexdigest()
    files.keep_sealed_paper(b"sealed", sha256)
    assert files.sealed_paper(sha256) == b"sealed"
    files.disk.replace(f"paper-{sha256}.sealed", b"sealeD")
    assert files.sealed_paper(sha256) is None


def test_a_damaged_file_is_refused_by_name_not_guessed(files: SeatFiles) -> None:
    files.keep_preferences(Preferences(2, contrast=True))
    files.disk.replace("preferences.json", b'{"size":2,"contrast":true,"size":3}')
    with pytest.raises(KaopingError):
        _ = files.preferences


def test_replacing_leaves_the_new_content_and_no_rest(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path)
    disk.replace("seat.json", b"long content")
    disk.replace("seat.json", b"short")
    assert (disk.names(), disk.read("seat.json")) == (("seat.json",), b"short")


def test_appending_goes_on_at_the_end_and_again_after_closing(tmp_path: Path) -> None:
    disk = FolderDisk(tmp_path)
    disk.append("a", b"one ")
    disk.append("a", b"two ")
    disk.close("a")
    disk.append("a", b"three")
    disk.close_all()
    assert disk.read("a") == b"one two three"
