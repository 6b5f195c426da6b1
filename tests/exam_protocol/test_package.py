"""A package is read in the order signature → size → hash, and every damage to it is refused by name."""

import msgspec
import pytest
from damage import accepted, every_flip, every_truncation
from factories import NOW, make_trust

from exam_protocol.documents import Part, Role, RosterManifest
from exam_protocol.errors import KaopingError, PackageBrokenError, PartDigestMismatchError, SignatureInvalidError
from exam_protocol.ids import ExamId, ServerId, SessionId
from exam_protocol.keys import new_private_key, sign_document
from exam_protocol.package import contents_of, manifest_of, pack, part_of

ROSTER_KEY = new_private_key(Role.ROSTER)
TRUST = make_trust(ROSTER_KEY)
CONTENT = b"sealed content\n"


def make_manifest(part: Part) -> RosterManifest:
    return RosterManifest(
        exam=ExamId("2026-technician"),
        session=SessionId("S1"),
        server=ServerId("zone-02/1"),
        revision=1,
        part=part,
        lowest_root_version=1,
    )


def open_package(package: bytes) -> tuple[bytes, ...]:
    """Read a package as every receiver must: verify, then cut out what the verified manifest names."""
    manifest = TRUST.verify(manifest_of(package), RosterManifest, now=NOW)
    return contents_of(package, [manifest.part])


PACKAGE = pack(sign_document(make_manifest(part_of("roster", CONTENT)), ROSTER_KEY), [CONTENT])


def test_a_package_gives_back_its_parts() -> None:
    assert open_package(PACKAGE) == (CONTENT,)


def test_a_package_tells_its_format_in_its_first_line() -> None:
    assert PACKAGE.startswith(b'exam-package/1\n{"payloadType":"application/vnd.kaoping.roster-manifest.v1+json"')


def test_every_flipped_bit_is_refused() -> None:
    assert accepted(every_flip(PACKAGE), open_package) == []


def test_every_truncation_is_refused() -> None:
    assert accepted(every_truncation(PACKAGE), open_package) == []


@pytest.mark.parametrize("tail", [b"\n", b"x", PACKAGE])
def test_anything_behind_the_last_part_is_refused(tail: bytes) -> None:
    with pytest.raises(PackageBrokenError):
        open_package(PACKAGE + tail)


@pytest.mark.parametrize("other", [b"", b"PK\x03\x04", b"exam-package/2\n{}\n", b"\xef\xbb\xbf" + PACKAGE])
def test_what_is_no_package_is_refused(other: bytes) -> None:
    with pytest.raises(PackageBrokenError):
        manifest_of(other)


def test_two_parts_come_in_the_manifests_order() -> None:
    parts = [part_of("a", b"first"), part_of("b", b"second one")]

    assert contents_of(pack(b"{}", [b"first", b"second one"]), parts) == (b"first", b"second one")


def test_swapped_parts_are_refused() -> None:
    parts = [part_of("a", b"first"), part_of("b", b"other")]
    with pytest.raises(PartDigestMismatchError):
        contents_of(pack(b"{}", [b"other", b"first"]), parts)


def test_a_negative_size_is_refused() -> None:
    parts = [Part("a", 10, part_of("a", b"x" * 10).sha256), Part("b", -5, "")]
    with pytest.raises(PackageBrokenError):
        contents_of(pack(b"{}", [b"x" * 5]), parts)


def test_a_manifest_that_was_exchanged_for_another_signed_one_does_not_fit_the_parts() -> None:
    other = sign_document(make_manifest(part_of("roster", b"other content\n!")), ROSTER_KEY)
    with pytest.raises(PartDigestMismatchError):
        open_package(pack(other, [CONTENT]))


def test_a_manifest_signed_by_a_key_without_the_role_is_refused() -> None:
    paper_key = new_private_key(Role.PAPER)
    trust = make_trust(ROSTER_KEY, paper_key)
    forger = msgspec.structs.replace(paper_key, role=Role.ROSTER)
    forged = sign_document(make_manifest(part_of("roster", CONTENT)), forger)

    with pytest.raises(SignatureInvalidError):
        trust.verify(forged, RosterManifest, now=NOW)


def test_noise_in_place_of_the_manifest_is_refused() -> None:
    with pytest.raises(KaopingError):
        open_package(pack(b'{"payloadType":1}', [CONTENT]))
