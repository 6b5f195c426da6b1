"""One value has one encoding; every other way to write it is refused by name."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol.canonical_json import decode, encode
from exam_protocol.errors import KaopingError, MalformedMessageError, NotCanonicalError, TooLargeError


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    count: int
    content: bytes = b""


GOOD = b'{"text":"\xe5\xa5\xbd","count":1,"content":"AQI="}'


def test_fields_stand_in_the_order_of_the_class_without_white_space() -> None:
    assert encode(Note("好", 1, b"\x01\x02")) == GOOD


@given(st.text('好é\0\\"/ \u2028𠮷b'), st.integers(-(2**60), 2**60), st.binary())
def test_what_was_encoded_decodes_to_the_same(text: str, count: int, content: bytes) -> None:
    note = Note(text, count, content)

    assert decode(encode(note), Note, max_bytes=10_000) == note


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(b'{"count":1,"text":"\xe5\xa5\xbd","content":"AQI="}', id="another order"),
        pytest.param(b'{"text":"a","text":"\xe5\xa5\xbd","count":1,"content":"AQI="}', id="a field twice"),
        pytest.param(b'{"text": "\xe5\xa5\xbd","count":1,"content":"AQI="}', id="white space inside"),
        pytest.param(GOOD + b"\n", id="white space after"),
        pytest.param(b'{"text":"\\u597d","count":1,"content":"AQI="}', id="escaped without need"),
        pytest.param(b'{"text":"\xe5\xa5\xbd","count":1}', id="a default left out"),
        pytest.param(b'{"text":"\xe5\xa5\xbd","count":1,"content":"AQJ="}', id="stray bits in base64"),
    ],
)
def test_a_second_way_to_write_the_same_is_refused(written: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        decode(written, Note, max_bytes=1000)


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'{"text":"a"}', id="a field missing"),
        pytest.param(b'{"text":"a","count":1,"more":2}', id="a field unknown"),
        pytest.param(b'{"text":1,"count":1}', id="a field of another type"),
        pytest.param(b'{"text":"a","count":NaN}', id="no number"),
        pytest.param(b'{"text":"a","count":1.0}', id="a whole number as a float"),
        pytest.param(b'{"text":"a","count":1e999}', id="infinity"),
        pytest.param(b'{"text":"\xff","count":1}', id="not UTF-8"),
        pytest.param(b'{"text":"\\ud800","count":1}', id="half a surrogate pair"),
        pytest.param(b'{"text":"a","count":1', id="cut short"),
        pytest.param(GOOD + GOOD, id="two values"),
        pytest.param(b"[" * 5000, id="too deep"),
    ],
)
def test_malformed_data_is_refused(written: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        decode(written, Note, max_bytes=10_000)


def test_data_over_the_limit_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(TooLargeError):
        decode(b"[" * 101, Note, max_bytes=100)


@given(st.binary(max_size=200))
def test_noise_is_refused_by_name(noise: bytes) -> None:
    with pytest.raises(KaopingError):
        decode(noise, Note, max_bytes=1000)
