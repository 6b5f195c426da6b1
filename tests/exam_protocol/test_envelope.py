"""Signing and sealing: enough distinct keys, the exact bytes, the exact context; else an error."""

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from damage import accepted, every_flip, every_truncation
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.envelope import decrypt, encrypt, key_id, pad, seal, sign, unpad, unseal, verify
from exam_protocol.errors import KaopingError, SealBrokenError, SignatureInvalidError

KIND = "application/vnd.kaoping.test.v1+json"
KEYS = [Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in range(1, 4)]
PUBLIC = [key.public_key().public_bytes_raw() for key in KEYS]
PAYLOAD = b'{"a":1}'
SIGNED = sign(PAYLOAD, KIND, KEYS[:1])
PRIVATE = X25519PrivateKey.from_private_bytes(b"x" * 32)
RECIPIENT = PRIVATE.public_key().public_bytes_raw()
KEPT_SEAL = (
    "6578616d2d7365616c2f312044484b454d2d58323535313920484b44462d534841323536204368614368613230506f6c7931"
    "3330350a4e2e4a5f8d0b3f476ba03a8d1afd6532848f12c4c6989a2fb246d8bc11e7dd0600c89169479b22a25f785f1d5b07"
    "41de0e3bf690eca7f75aef7d03428a0665"
)


def test_what_is_signed_is_the_dsse_v1_encoding() -> None:
    # github.com/secure-systems-lab/dsse, protocol.md: "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body.
    read = json.loads(SIGNED)

    KEYS[0].public_key().verify(
        base64.b64decode(read["signatures"][0]["sig"]), b"DSSEv1 36 " + KIND.encode() + b" 7 " + PAYLOAD
    )
    assert list(read) == ["payloadType", "payload", "signatures"]


def test_a_signed_payload_is_given_back_as_it_was() -> None:
    assert verify(SIGNED, KIND, PUBLIC, 1) == PAYLOAD


def test_every_flipped_bit_of_an_envelope_is_refused() -> None:
    assert accepted(every_flip(SIGNED), lambda data: verify(data, KIND, PUBLIC, 1)) == []


def test_every_truncation_of_an_envelope_is_refused() -> None:
    assert accepted(every_truncation(SIGNED), lambda data: verify(data, KIND, PUBLIC, 1)) == []


@pytest.mark.parametrize(
    ("signers", "threshold", "is_enough"),
    [
        ([0], 1, True),
        ([0, 1], 2, True),
        ([0, 1, 2], 2, True),
        ([], 1, False),
        ([0], 2, False),
        ([0, 0], 2, False),  # one key twice is one signer
        ([0, 0, 1], 2, True),
        ([0, 1], 3, False),
        ([0], 0, False),  # a threshold of nobody is a mistake, not a permission
    ],
)
def test_a_threshold_counts_distinct_keys(signers: list[int], threshold: int, *, is_enough: bool) -> None:
    envelope = sign(PAYLOAD, KIND, [KEYS[number] for number in signers])
    if is_enough:
        assert verify(envelope, KIND, PUBLIC, threshold) == PAYLOAD
        return
    with pytest.raises(SignatureInvalidError):
        verify(envelope, KIND, PUBLIC, threshold)


def test_a_key_without_the_role_does_not_count() -> None:
    with pytest.raises(SignatureInvalidError):
        verify(SIGNED, KIND, PUBLIC[1:], 1)


def test_a_key_listed_twice_among_the_allowed_counts_once() -> None:
    with pytest.raises(SignatureInvalidError):
        verify(SIGNED, KIND, [PUBLIC[0], PUBLIC[0]], 2)


def test_a_signature_under_another_keys_name_does_not_count() -> None:
    renamed = SIGNED.replace(key_id(PUBLIC[0]).encode(), key_id(PUBLIC[1]).encode())
    with pytest.raises(SignatureInvalidError):
        verify(renamed, KIND, PUBLIC, 1)


def test_a_document_of_another_kind_is_refused_though_well_signed() -> None:
    with pytest.raises(SignatureInvalidError):
        verify(SIGNED, KIND.replace("test", "other"), PUBLIC, 1)


def test_stray_bits_in_base64_are_refused() -> None:
    # "eyJhIjoxfQ==" and "eyJhIjoxfR==" decode to the same bytes.
    assert b"eyJhIjoxfQ==" in SIGNED
    with pytest.raises(KaopingError):
        verify(SIGNED.replace(b"eyJhIjoxfQ==", b"eyJhIjoxfR=="), KIND, PUBLIC, 1)


@given(st.binary(max_size=200))
def test_what_was_sealed_opens_for_its_recipient(plaintext: bytes) -> None:
    assert unseal(seal(plaintext, RECIPIENT, "context"), PRIVATE, "context") == plaintext


def test_two_seals_of_the_same_differ() -> None:
    assert seal(b"same", RECIPIENT, "c") != seal(b"same", RECIPIENT, "c")


def test_a_seal_names_its_suite_in_its_first_line() -> None:
    assert seal(b"x", RECIPIENT, "c").startswith(b"exam-seal/1 DHKEM-X25519 HKDF-SHA256 ChaCha20Poly1305\n")


def test_a_seal_does_not_open_for_another_recipient() -> None:
    with pytest.raises(SealBrokenError):
        unseal(seal(b"secret", RECIPIENT, "c"), X25519PrivateKey.generate(), "c")


def test_a_seal_does_not_open_in_another_context() -> None:
    with pytest.raises(SealBrokenError):
        unseal(seal(b"secret", RECIPIENT, "zone-02/1"), PRIVATE, "zone-03/1")


SEALED = seal(b"secret", RECIPIENT, "c")


def test_every_flipped_bit_of_a_seal_is_refused() -> None:
    # The top bit of an X25519 public key is ignored by RFC 7748, but HPKE binds the key's exact bytes.
    assert accepted(every_flip(SEALED), lambda data: unseal(data, PRIVATE, "c")) == []


def test_every_truncation_of_a_seal_is_refused() -> None:
    assert accepted(every_truncation(SEALED), lambda data: unseal(data, PRIVATE, "c")) == []


def test_a_seal_of_the_first_release_opens_for_ever() -> None:
    assert unseal(bytes.fromhex(KEPT_SEAL), PRIVATE, "kept") == b"kept since 2026"


@given(st.binary(max_size=200), st.text(max_size=20))
def test_what_was_encrypted_decrypts(plaintext: bytes, context: str) -> None:
    assert decrypt(encrypt(plaintext, b"k" * 32, context), b"k" * 32, context) == plaintext


@pytest.mark.parametrize(
    ("key", "context"), [(b"l" * 32, "c"), (b"k" * 32, "d"), (b"k" * 31, "c")], ids=["key", "context", "key length"]
)
def test_what_was_encrypted_does_not_open_otherwise(key: bytes, context: str) -> None:
    with pytest.raises(SealBrokenError):
        decrypt(encrypt(b"secret", b"k" * 32, "c"), key, context)


def test_every_flip_and_truncation_of_a_ciphertext_is_refused() -> None:
    ciphertext = encrypt(b"secret", b"k" * 32, "c")

    assert accepted(every_flip(ciphertext), lambda data: decrypt(data, b"k" * 32, "c")) == []
    assert accepted(every_truncation(ciphertext), lambda data: decrypt(data, b"k" * 32, "c")) == []


@pytest.mark.parametrize("length", [0, 1, 65_531, 65_532, 65_533, 65_536, 131_068, 131_069])
def test_padding_hides_the_length_in_steps_of_64_kib(length: int) -> None:
    padded = pad(bytes([7]) * length)

    assert len(padded) % 65_536 == 0
    assert len(padded) - length < 65_536 + 4
    assert unpad(padded) == bytes([7]) * length


@pytest.mark.parametrize(
    "padded",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(pad(b"abc")[:-1], id="cut short"),
        pytest.param(pad(b"abc") + bytes(65_536), id="a step too much"),
        pytest.param(pad(b"abc")[:-1] + b"\x01", id="filler not zero"),
        pytest.param(b"\xff\xff\xff\xff" + pad(b"abc")[4:], id="length beyond the end"),
    ],
)
def test_any_other_padding_is_refused(padded: bytes) -> None:
    with pytest.raises(SealBrokenError):
        unpad(padded)


def test_a_keys_name_is_pinned() -> None:
    assert key_id(bytes(32)) == "66687aadf862bd77"
