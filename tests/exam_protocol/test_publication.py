"""How the portal finds a candidate without holding an ID number, and what an activation code is."""

from pathlib import Path

import pytest

from exam_protocol.errors import ConfigurationError, KaopingError, MalformedMessageError
from exam_protocol.publication import (
    activation_hash,
    format_lookup_key,
    lookup_hash,
    new_activation_code,
    read_lookup_key,
)

KEY = bytes(range(32))


@pytest.mark.parametrize(
    "typed",
    ["99010119720314118X", "99010119720314118x", "９９０１０１１９７２０３１４１１８ｘ", " 990101 1972 0314118X "],
)
def test_one_person_has_one_lookup_hash_however_the_number_is_typed(typed: str) -> None:
    assert lookup_hash(KEY, typed) == lookup_hash(KEY, "99010119720314118X")


def test_a_lookup_hash_is_worth_nothing_without_the_key() -> None:
    assert lookup_hash(KEY, "99010119720314118X") != lookup_hash(bytes(32), "99010119720314118X")


def test_an_activation_code_belongs_to_one_person() -> None:
    assert activation_hash(KEY, "99010119720314118X", "7K3D0-QWE12") != activation_hash(
        KEY, "990101197203141194", "7K3D0-QWE12"
    )


@pytest.mark.parametrize("typed", ["7K3D0QWE12", "7k3do-qwei2", "７Ｋ３Ｄ０－ＱＷＥ１２", "7K3D0 QWEL2"])
def test_an_activation_code_is_read_however_it_is_typed(typed: str) -> None:
    assert activation_hash(KEY, "1", typed) == activation_hash(KEY, "1", "7K3D0-QWE12")


def test_a_new_activation_code_has_ten_characters_that_nobody_confuses() -> None:
    code = new_activation_code(lambda count: bytes(range(200, 200 + count)))
    letters = code.replace("-", "")
    assert len(letters) == 10
    assert not set(letters) & set("ILOU")


def test_a_lookup_key_is_carried_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "lookup.key"
    file.write_text(format_lookup_key(KEY))
    assert read_lookup_key(file) == KEY


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"lookup-key/1 0011\n", MalformedMessageError),
        (b"lookup-key/2 " + KEY.hex().encode() + b"\n", MalformedMessageError),
        (b"lookup-key/1 " + b"zz" * 32, MalformedMessageError),
        ("查询密钥".encode(), ConfigurationError),
    ],
    ids=["too_short", "another_version", "not_hexadecimal", "not_text"],
)
def test_what_is_no_lookup_key_is_refused(content: bytes, error: type[KaopingError], tmp_path: Path) -> None:
    file = tmp_path / "lookup.key"
    file.write_bytes(content)
    with pytest.raises(error):
        read_lookup_key(file)
