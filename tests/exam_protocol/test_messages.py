"""Each message between kiosk and zone: its exact bytes, its round trip, and everything malformed refused by name."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_protocol import messages as m
from exam_protocol.errors import (
    KaopingError,
    MalformedMessageError,
    NotCanonicalError,
    SignatureInvalidError,
    TooLargeError,
)
from exam_protocol.sitting_state import SittingState

HEAD = "0123456789abcdef" * 4
KEY = bytes(range(32))
KEY_TEXT = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
T = 1_790_000_000_000

EXACT: dict[m.Message, str] = {
    m.Enrol("123456", 7, "dev-1", KEY, KEY, "0.1.0"): (
        '{"message":"enrol","room_code":"123456","seat":7,"device":"dev-1",'
        f'"signing_key":"{KEY_TEXT}","encryption_key":"{KEY_TEXT}","software":"0.1.0"}}'
    ),
    m.Enrolled("zone-02/1", "石家庄", "01", "第一考场", 7, "token"): (
        '{"message":"enrolled","server":"zone-02/1","zone_name":"石家庄","room":"01","room_name":"第一考场",'
        '"seat":7,"token":"token"}'
    ),
    m.Hello("dev-1", "0.1.0"): '{"message":"hello","device":"dev-1","software":"0.1.0"}',
    m.SeatShown(
        "zone-02/1", "技师考核", "上午", "石家庄", "01", "第一考场", 7, "王芳", b"\xff", T, 5400, 1800, 5, T, None, None
    ): (
        '{"message":"seat_shown","server":"zone-02/1","exam_title":"技师考核","session_title":"上午",'
        '"zone_name":"石家庄","room":"01","room_name":"第一考场","seat":7,"name":"王芳","photo":"/w==",'
        f'"starts_at":{T},"duration_s":5400,"earliest_hand_in_s":1800,"heartbeat_s":5,"zone_time":{T},'
        '"attempt":null,"state":null}'
    ),
    m.SignIn("dev-1", None, "123X"): '{"message":"sign_in","device":"dev-1","ticket_no":null,"id_number":"123X"}',
    m.SignedIn(
        101, 1, "2602010001", "王芳", "电工", "某中心", b"", SittingState.SIGNED_IN, 42, "p1", "/paper/p1", HEAD,
        "context", 0, HEAD, ("{}",),
    ): (
        '{"message":"signed_in","attempt":101,"epoch":1,"ticket_no":"2602010001","name":"王芳","trade":"电工",'
        '"unit":"某中心","photo":"","state":"signed_in","order_seed":42,"paper":"p1","paper_url":"/paper/p1",'
        f'"paper_sha256":"{HEAD}","paper_context":"context","acked_seq":0,"head":"{HEAD}","events":["{{}}"]}}'
    ),
    m.ConfirmIdentity("dev-1", 101, 1): '{"message":"confirm_identity","device":"dev-1","attempt":101,"epoch":1}',
    m.PaperReleased(101, "p1", b"sealed", T, T + 1, T): (
        '{"message":"paper_released","attempt":101,"paper":"p1","sealed_content_key":"c2VhbGVk",'
        f'"started_at":{T},"ends_at":{T + 1},"zone_time":{T}}}'
    ),
    m.Ready("dev-1", 101, 1): '{"message":"ready","device":"dev-1","attempt":101,"epoch":1}',
    m.NotYet(T, T): f'{{"message":"not_yet","starts_at":{T},"zone_time":{T}}}',
    m.Answer(101, 1, 3, "i1", ("o1", "o2"), True, 500, T, HEAD): (
        '{"message":"answer","attempt":101,"epoch":1,"seq":3,"item":"i1","options":["o1","o2"],"is_marked":true,'
        f'"t_mono":500,"t_wall":{T},"prev":"{HEAD}"}}'
    ),
    m.AnswerSaved(101, 1, 3, HEAD): f'{{"message":"answer_saved","attempt":101,"epoch":1,"seq":3,"head":"{HEAD}"}}',
    m.HandIn(101, 1, 4, "candidate", 55, 600, T, HEAD): (
        '{"message":"hand_in","attempt":101,"epoch":1,"seq":4,"reason":"candidate","answered":55,"t_mono":600,'
        f'"t_wall":{T},"prev":"{HEAD}"}}'
    ),
    m.HandedIn(101, 4, b"{}", "7K3D"): (
        '{"message":"handed_in","attempt":101,"seq":4,"receipt":"e30=","code":"7K3D"}'
    ),
    m.Heartbeat("dev-1", None, 3, 0, 3, 55, 0, T): (
        '{"message":"heartbeat","device":"dev-1","attempt":null,"seq":3,"unsent":0,"answered":3,"items":55,'
        f'"focus_losses":0,"t_wall":{T}}}'
    ),
    m.HeartbeatSeen(T, None, SittingState.ANSWERING): (
        f'{{"message":"heartbeat_seen","zone_time":{T},"ends_at":null,"state":"answering"}}'
    ),
    m.TimeChanged(101, T, T, 300): (
        f'{{"message":"time_changed","attempt":101,"ends_at":{T},"zone_time":{T},"seconds":300}}'
    ),
    m.SittingChanged(101, SittingState.PAUSED, "暂停"): (
        '{"message":"sitting_changed","attempt":101,"state":"paused","words":"暂停"}'
    ),
    m.CollectNow(101, "收卷"): '{"message":"collect_now","attempt":101,"words":"收卷"}',
    m.Refused("seat_taken", "座位已被占用。", "请核对。", None): (
        '{"message":"refused","code":"seat_taken","what":"座位已被占用。","do":"请核对。","acked_seq":null}'
    ),
}  # fmt: skip
KINDS = [pytest.param(type(message), text, id=type(message).__name__) for message, text in EXACT.items()]


def test_every_message_stands_in_the_table_of_exact_bytes() -> None:
    assert {type(message) for message in EXACT} == set(m.Message.__subclasses__())


@pytest.mark.parametrize(("message", "text"), EXACT.items(), ids=lambda value: type(value).__name__)
def test_a_message_has_these_exact_bytes(message: m.Message, text: str) -> None:
    assert m.write(message) == text
    assert m.read(text, type(message)) == message


@pytest.mark.parametrize(("kind", "text"), KINDS)
@given(data=st.data())
def test_any_message_survives_the_wire(kind: type[m.Message], text: str, data: st.DataObject) -> None:
    del text
    message = data.draw(_any_message(kind))

    assert m.read(m.write(message), kind) == message


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_a_message_with_any_field_left_out_is_refused(kind: type[m.Message], text: str) -> None:
    for field in json.loads(text).keys() - {"acked_seq"}:
        fields = json.loads(text)
        del fields[field]
        with pytest.raises(MalformedMessageError if field != "message" else KaopingError):
            m.read(_written(fields), kind)


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_a_message_with_an_unknown_field_is_refused(kind: type[m.Message], text: str) -> None:
    with pytest.raises(MalformedMessageError):
        m.read(_written({**json.loads(text), "more": 1}), kind)


@pytest.mark.parametrize(("kind", "text"), KINDS)
@pytest.mark.parametrize("wrong", [{}, 1.5, -(2**70)], ids=["an object", "a fraction", "a huge number"])
def test_a_message_with_any_field_of_a_wrong_type_is_refused(kind: type[m.Message], text: str, wrong: object) -> None:
    # The seed of the display order and the seconds of an extension may be any whole number.
    for field in json.loads(text).keys() - {"order_seed", "seconds", "acked_seq"}:
        with pytest.raises(MalformedMessageError):
            m.read(_written({**json.loads(text), field: wrong}), kind)


@pytest.mark.parametrize(("kind", "text"), KINDS)
def test_a_message_that_calls_itself_by_another_name_is_refused(kind: type[m.Message], text: str) -> None:
    fields = json.loads(text)
    fields["message"] = "hello" if kind is not m.Hello else "ready"
    with pytest.raises(MalformedMessageError):
        m.read(_written(fields), kind)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("seq", 0),
        ("seq", 1_000_001),
        ("attempt", 0),
        ("attempt", 2**63),
        ("epoch", -1),
        ("prev", HEAD.upper()),
        ("prev", HEAD[1:]),
        ("prev", HEAD + "\n"),
        ("options", ["o"] * 17),
        ("options", ["o1", None]),
        ("options", "o1"),
        ("is_marked", 1),
        ("t_mono", -1),
        ("t_wall", 2**64),
    ],
)
def test_an_answer_with_an_impossible_field_is_refused(field: str, value: object) -> None:
    text = EXACT[m.Answer(101, 1, 3, "i1", ("o1", "o2"), True, 500, T, HEAD)]
    with pytest.raises(MalformedMessageError):
        m.read(_written({**json.loads(text), field: value}), m.Answer)


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_device_cannot_enrol_with_a_key_of_another_length(length: int) -> None:
    with pytest.raises(MalformedMessageError):
        m.read(m.write(m.Enrol("123456", 7, "dev-1", bytes(length), KEY, "0.1.0")), m.Enrol)


@pytest.mark.parametrize(
    "received", [None, 7, b'{"message":"hello"}', {"message": "hello"}, ["hello"], "half a pair \ud800"]
)
def test_what_is_no_text_is_refused(received: object) -> None:
    with pytest.raises(MalformedMessageError):
        m.read(received, m.Hello)


def test_a_message_longer_than_64_kib_is_refused() -> None:
    with pytest.raises(TooLargeError):
        m.read(m.write(m.CollectNow(101, "收" * m.MAX_MESSAGE_BYTES)), m.CollectNow)


def test_a_message_written_another_way_is_refused() -> None:
    with pytest.raises(NotCanonicalError):
        m.read('{"device":"dev-1","message":"hello","software":"0.1.0"}', m.Hello)


@given(st.text(max_size=80))
def test_noise_is_refused_by_name(noise: str) -> None:
    with pytest.raises(KaopingError):
        m.read(noise, m.Answer)


def test_a_refusal_of_the_zone_is_raised_with_its_words() -> None:
    refusal = m.refusal(SignatureInvalidError("签名不对。", "请重试。"), acked_seq=5)

    with pytest.raises(m.RefusedByZoneError) as raised:
        m.read_reply(m.write(refusal), m.AnswerSaved)

    assert raised.value.refusal == m.Refused("signature_invalid", "签名不对。", "请重试。", 5)


def test_a_reply_of_another_kind_is_refused() -> None:
    with pytest.raises(m.RefusedByZoneError) as raised:
        m.read_reply(m.write(m.NotYet(T, T)), m.AnswerSaved)

    assert raised.value.refusal.code == "unexpected_reply"


def test_the_expected_reply_is_returned() -> None:
    saved = m.AnswerSaved(101, 1, 3, HEAD)

    assert m.read_reply(m.write(saved), m.AnswerSaved) == saved


def test_an_events_name_is_its_class_in_snake_case() -> None:
    assert m.event_name("ConfirmIdentity") == "confirm_identity"


def _written(fields: dict[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _any_message(kind: type[m.Message]) -> st.SearchStrategy[m.Message]:
    info = msgspec.inspect.type_info(kind)
    assert isinstance(info, msgspec.inspect.StructType)
    return st.builds(kind, **{field.name: _any_value(field.type) for field in info.fields})


def _any_value(info: msgspec.inspect.Type) -> st.SearchStrategy[Any]:  # noqa: PLR0911 - one line per kind of type
    match info:
        case msgspec.inspect.IntType(ge=low, le=high):
            return st.integers(-(2**62) if low is None else low, 2**62 if high is None else high)
        case msgspec.inspect.StrType(pattern=pattern, max_length=longest):
            # The only pattern among the messages is that of a SHA-256.
            return (
                st.binary(min_size=32, max_size=32).map(bytes.hex)
                if pattern
                else st.text('aZ0好\\"é\u2028', max_size=longest)
            )
        case msgspec.inspect.BytesType(min_length=least, max_length=most):
            return st.binary(min_size=least or 0, max_size=20 if most is None else most)
        case msgspec.inspect.BoolType():
            return st.booleans()
        case msgspec.inspect.EnumType(cls=values):
            return st.sampled_from(list(values))
        case msgspec.inspect.VarTupleType(item_type=inner, max_length=most):
            return st.lists(_any_value(inner), max_size=most or 5).map(tuple)
        case msgspec.inspect.UnionType(types=kinds):
            return st.one_of(*map(_any_value, kinds))
        case msgspec.inspect.NoneType():
            return st.none()
    raise AssertionError(info)
