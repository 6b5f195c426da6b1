"""Whose signature counts: role and scope and kind and expiry and a threshold of distinct keys; and keys at rest."""

from datetime import timedelta

import msgspec
import pytest
from damage import accepted, every_flip, every_truncation
from factories import NOW, make_trust

from exam_protocol.documents import KeyRelease, Part, Receipt, Role, RoleThreshold, Root, RosterManifest
from exam_protocol.envelope import seal, unseal
from exam_protocol.errors import (
    ExpiredError,
    KaopingError,
    SealBrokenError,
    SignatureInvalidError,
    WrongPassphraseError,
    WrongServerError,
)
from exam_protocol.ids import AttemptId, ExamId, ServerId, SessionId, SittingId, TicketNo
from exam_protocol.keys import (
    CHEAPEST_KDF,
    PrivateKey,
    Trust,
    lock_key,
    new_private_key,
    root_fingerprint,
    sign_document,
    trusted,
    unlock_key,
)

ROSTER_KEYS = [new_private_key(Role.ROSTER) for _ in range(3)]
ZONE_KEY = new_private_key(Role.ZONE, "zone-02/1")


def make_roster_manifest(lowest_root_version: int = 1) -> RosterManifest:
    server = ServerId("zone-02/1")
    part = Part("roster", 0, "")
    return RosterManifest(ExamId("2026-technician"), SessionId("S1"), server, 1, part, lowest_root_version)


def make_receipt(server: str = "zone-02/1") -> Receipt:
    return Receipt(
        exam=ExamId("2026-technician"),
        session=SessionId("S1"),
        server=ServerId(server),
        sitting=SittingId(1),
        attempt=AttemptId(101),
        ticket_no=TicketNo("2602010001"),
        events=1,
        head="0" * 64,
        answered=1,
        items=55,
        at=1_790_000_000_000,  # type: ignore[arg-type]  # a plain number of milliseconds
    )


# --- whose signature counts


def test_a_document_signed_by_a_key_of_its_role_is_accepted() -> None:
    document = make_roster_manifest()

    assert (
        make_trust(ROSTER_KEYS[0]).verify(sign_document(document, ROSTER_KEYS[0]), RosterManifest, now=NOW) == document
    )


@pytest.mark.parametrize("signers", [[], [0], [0, 0]])
def test_fewer_distinct_signers_than_the_threshold_are_refused(signers: list[int]) -> None:
    envelope = sign_document(make_roster_manifest(), *(ROSTER_KEYS[number] for number in signers))
    with pytest.raises(SignatureInvalidError):
        make_trust(*ROSTER_KEYS, threshold=2).verify(envelope, RosterManifest, now=NOW)


@pytest.mark.parametrize("signers", [[0, 1], [2, 0], [0, 1, 2], [0, 0, 1]])
def test_any_two_of_three_reach_a_threshold_of_two(signers: list[int]) -> None:
    envelope = sign_document(make_roster_manifest(), *(ROSTER_KEYS[number] for number in signers))

    make_trust(*ROSTER_KEYS, threshold=2).verify(envelope, RosterManifest, now=NOW)


def test_a_key_that_the_root_does_not_name_is_refused() -> None:
    with pytest.raises(SignatureInvalidError):
        make_trust(ROSTER_KEYS[0]).verify(
            sign_document(make_roster_manifest(), ROSTER_KEYS[1]), RosterManifest, now=NOW
        )


def test_a_key_cannot_sign_outside_its_role() -> None:
    with pytest.raises(SignatureInvalidError):
        sign_document(make_roster_manifest(), new_private_key(Role.PAPER))


def test_a_role_without_a_threshold_in_the_root_can_sign_nothing() -> None:
    with pytest.raises(SignatureInvalidError):
        make_trust(ZONE_KEY).verify(sign_document(make_roster_manifest(), ROSTER_KEYS[0]), RosterManifest, now=NOW)


def test_an_expired_key_is_refused() -> None:
    trust = make_trust(ROSTER_KEYS[0])
    envelope = sign_document(make_roster_manifest(), ROSTER_KEYS[0])

    trust.verify(envelope, RosterManifest, now=NOW + timedelta(days=365))
    with pytest.raises(SignatureInvalidError):
        trust.verify(envelope, RosterManifest, now=NOW + timedelta(days=365, seconds=1))


def test_a_document_that_asks_for_a_newer_root_is_refused() -> None:
    envelope = sign_document(make_roster_manifest(lowest_root_version=3), ROSTER_KEYS[0])

    make_trust(ROSTER_KEYS[0], version=3).verify(envelope, RosterManifest, now=NOW)
    with pytest.raises(ExpiredError):
        make_trust(ROSTER_KEYS[0], version=2).verify(envelope, RosterManifest, now=NOW)


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(SignatureInvalidError):
        make_trust(ROSTER_KEYS[0], new_private_key(Role.RELEASE)).verify(
            sign_document(make_roster_manifest(), ROSTER_KEYS[0]), KeyRelease, now=NOW
        )


def test_a_servers_key_counts_for_this_server() -> None:
    receipt = make_receipt()

    assert make_trust(ZONE_KEY).verify(sign_document(receipt, ZONE_KEY), Receipt, scope="zone-02/1", now=NOW) == receipt


@pytest.mark.parametrize("scope", ["zone-03/1", "zone-02/2", ""])
def test_a_servers_key_counts_for_no_other_scope(scope: str) -> None:
    with pytest.raises(SignatureInvalidError):
        make_trust(ZONE_KEY).verify(sign_document(make_receipt(), ZONE_KEY), Receipt, scope=scope, now=NOW)


def test_a_server_cannot_sign_for_another_server() -> None:
    with pytest.raises(WrongServerError):
        make_trust(ZONE_KEY).verify(
            sign_document(make_receipt("zone-03/1"), ZONE_KEY), Receipt, scope="zone-02/1", now=NOW
        )


# --- the root document


def make_root(*root_keys: PrivateKey, threshold: int = 1) -> Root:
    not_after = NOW + timedelta(days=365)
    keys = tuple(trusted(key, not_after) for key in (*root_keys, ROSTER_KEYS[0]))
    thresholds = (RoleThreshold(Role.ROOT, threshold), RoleThreshold(Role.ROSTER, 1))
    return Root(ExamId("2026-technician"), 1, not_after, thresholds, keys)


ROOT_KEYS = [new_private_key(Role.ROOT) for _ in range(3)]


def test_a_root_vouches_for_itself_and_is_pinned_by_its_fingerprint() -> None:
    root = make_root(ROOT_KEYS[0])
    envelope = sign_document(root, ROOT_KEYS[0])

    assert Trust.from_root(envelope, fingerprint=root_fingerprint(root), now=NOW).root == root


def test_a_root_with_another_fingerprint_is_refused() -> None:
    forged = sign_document(make_root(ROOT_KEYS[1]), ROOT_KEYS[1])
    with pytest.raises(SignatureInvalidError):
        Trust.from_root(forged, fingerprint=root_fingerprint(make_root(ROOT_KEYS[0])), now=NOW)


def test_a_root_signed_by_a_key_that_it_does_not_name_is_refused() -> None:
    with pytest.raises(SignatureInvalidError):
        Trust.from_root(sign_document(make_root(ROOT_KEYS[0]), ROOT_KEYS[1]), fingerprint=None, now=NOW)


@pytest.mark.parametrize("threshold", [2, 0, -1])
def test_a_root_without_enough_of_its_own_signatures_is_refused(threshold: int) -> None:
    root = make_root(*ROOT_KEYS, threshold=threshold)
    with pytest.raises(SignatureInvalidError):
        Trust.from_root(sign_document(root, ROOT_KEYS[0]), fingerprint=None, now=NOW)


def test_an_expired_root_is_refused() -> None:
    envelope = sign_document(make_root(ROOT_KEYS[0]), ROOT_KEYS[0])
    with pytest.raises(ExpiredError):
        Trust.from_root(envelope, fingerprint=None, now=NOW + timedelta(days=366))


def test_every_flip_and_truncation_of_a_root_is_refused() -> None:
    envelope = sign_document(make_root(ROOT_KEYS[0]), ROOT_KEYS[0])

    def read(data: bytes) -> object:
        return Trust.from_root(data, fingerprint=None, now=NOW)

    assert accepted(every_flip(envelope), read) == []
    assert accepted(every_truncation(envelope), read) == []


def test_a_fingerprint_stays_when_other_keys_are_rotated() -> None:
    root = make_root(*ROOT_KEYS[:2])
    rotated = msgspec.structs.replace(root, version=2, keys=root.keys[:2])

    assert root_fingerprint(rotated) == root_fingerprint(root)


# --- keys at rest


def test_a_key_file_opens_with_its_passphrase() -> None:
    assert unlock_key(lock_key(ZONE_KEY, "口令", cost=CHEAPEST_KDF), "口令") == ZONE_KEY


@pytest.mark.parametrize("passphrase", ["", "口令 ", "口", "koulin"])
def test_a_key_file_stays_shut_to_another_passphrase(passphrase: str) -> None:
    with pytest.raises(WrongPassphraseError):
        unlock_key(lock_key(ZONE_KEY, "口令", cost=CHEAPEST_KDF), passphrase)


def test_every_flip_and_truncation_of_a_key_file_is_refused() -> None:
    key_file = lock_key(ZONE_KEY, "p", cost=CHEAPEST_KDF)
    # A flip in the stated cost may ask for much work before it fails; those bytes are tried below, one by one.
    cost_begins, cost_ends = key_file.index(b'"cost":'), key_file.index(b'"salt":')
    damaged = (changed for bit, changed in enumerate(every_flip(key_file)) if not cost_begins <= bit // 8 < cost_ends)

    assert accepted(damaged, lambda data: unlock_key(data, "p")) == []
    assert accepted(every_truncation(key_file), lambda data: unlock_key(data, "p")) == []


@pytest.mark.parametrize(
    "cost",
    [
        b'{"memory_kib":33,"iterations":1,"lanes":1}',
        b'{"memory_kib":32,"iterations":2,"lanes":1}',
        b'{"memory_kib":32,"iterations":1,"lanes":2}',
        b'{"memory_kib":4294967296,"iterations":1,"lanes":1}',
        b'{"memory_kib":32,"iterations":99999,"lanes":1}',
        b'{"memory_kib":8,"iterations":1,"lanes":64}',
        b'{"memory_kib":0,"iterations":0,"lanes":0}',
    ],
)
def test_a_key_file_with_another_cost_is_refused(cost: bytes) -> None:
    key_file = lock_key(ZONE_KEY, "p", cost=CHEAPEST_KDF)
    changed = key_file.replace(b'{"memory_kib":32,"iterations":1,"lanes":1}', cost)
    assert changed != key_file
    with pytest.raises(KaopingError):
        unlock_key(changed, "p")


@pytest.mark.parametrize("field", ["role", "scope", "public_key"])
def test_a_key_file_cannot_be_passed_off_as_another_key(field: str) -> None:
    other = new_private_key(Role.RELEASE, "zone-03/1")
    key_file = lock_key(ZONE_KEY, "p", cost=CHEAPEST_KDF)
    values = {
        name: msgspec.json.decode(lock_key(key, "p", cost=CHEAPEST_KDF).split(b"\n")[1])[field]
        for name, key in (("old", ZONE_KEY), ("new", other))
    }
    changed = key_file.replace(f'"{field}":"{values["old"]}"'.encode(), f'"{field}":"{values["new"]}"'.encode())

    assert changed != key_file
    with pytest.raises(KaopingError):
        unlock_key(changed, "p")


@pytest.mark.parametrize("other", [b"", b"-----BEGIN PRIVATE KEY-----\n", b"exam-key/2\n{}\n"])
def test_what_is_no_key_file_is_refused(other: bytes) -> None:
    with pytest.raises(SealBrokenError):
        unlock_key(other, "p")


def test_an_encryption_key_opens_what_was_sealed_to_its_public_half() -> None:
    key = new_private_key(Role.ZONE_ENCRYPTION, "zone-02/1")

    assert unseal(seal(b"roster", key.public_key, "c"), key.opening_key, "c") == b"roster"
