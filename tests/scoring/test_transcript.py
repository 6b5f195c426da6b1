"""The transcript's QR code: short, signed, and refused by name when it is not what was signed."""

import hashlib
import string
from collections.abc import Callable
from datetime import date
from urllib.parse import quote, unquote

import base45
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring_factories import make_facts, make_result

from exam_protocol.documents import Role
from exam_protocol.errors import KaopingError, SignatureInvalidError
from exam_protocol.keys import PrivateKey
from scoring.pass_rules import Outcome
from scoring.subjects import SubjectStatus
from scoring.transcript import (
    TranscriptAlteredError,
    TranscriptFacts,
    TranscriptFactsError,
    TranscriptKeyUnknownError,
    TranscriptUnreadableError,
    sign_transcript,
    transcript_of,
    verify_transcript,
)

KEY = PrivateKey(Role.TRANSCRIPT, "", b"\x07" * 32)
OTHER_KEY = PrivateKey(Role.TRANSCRIPT, "", b"\x08" * 32)
Change = Callable[[bytes], bytes]
ALPHANUMERIC_OF_QR = frozenset(string.digits + string.ascii_uppercase + " $%*+-./:")


def resigned(body: bytes, key: PrivateKey = KEY) -> str:
    signature = key.signing_key.sign(b"kaoping transcript/1\n" + body)
    return quote(base45.b45encode(body + signature).decode(), safe="$*+-./:")


def signed_bytes(facts: TranscriptFacts) -> bytes:
    return bytes(base45.b45decode(unquote(sign_transcript(facts, KEY))))


def test_what_was_signed_is_what_is_read() -> None:
    facts = make_facts()

    assert verify_transcript(sign_transcript(facts, KEY), [OTHER_KEY.public_key, KEY.public_key]) == facts


@pytest.mark.parametrize(
    "facts",
    [
        make_facts(),
        make_facts(name="欧阳建国", know="100.0", do="100.0"),
        make_facts(name="阿卜杜拉·买买提", know="缺考", do="违纪", result=Outcome.VOID),
        make_facts(name="䶮㛃", trade="12-011", know="待补考", do="缺考", result=Outcome.PENDING, revision=12),
    ],
    ids=["usual", "four characters", "long name", "rare characters"],
)
def test_a_usual_transcript_has_at_most_260_characters(facts: TranscriptFacts) -> None:
    lengths = [
        len(sign_transcript(facts, PrivateKey(Role.TRANSCRIPT, "", hashlib.sha256(bytes([seed])).digest())))
        for seed in range(50)
    ]

    assert max(lengths) <= 260


def test_the_text_is_dense_in_a_qr_code_and_whole_in_a_url() -> None:
    text = sign_transcript(make_facts(), KEY)

    assert set(text) <= ALPHANUMERIC_OF_QR - {" "}
    assert quote(unquote(text), safe="$*+-./:") == text


def test_the_same_facts_and_key_give_the_same_text() -> None:
    assert sign_transcript(make_facts(), KEY) == sign_transcript(make_facts(), KEY)


def test_a_code_whose_spaces_a_reader_has_already_undone_is_still_read() -> None:
    text = sign_transcript(make_facts(), KEY).replace("%20", " ")

    assert verify_transcript(text, [KEY.public_key]) == make_facts()


def test_no_single_bit_can_be_changed() -> None:
    signed = signed_bytes(make_facts())
    changed = [
        signed[:place] + bytes([signed[place] ^ 1 << bit]) + signed[place + 1 :]
        for place in range(len(signed))
        for bit in range(8)
    ]
    refusals = [_refusal(quote(base45.b45encode(each).decode(), safe="$*+-./:")) for each in changed]

    assert set(refusals) == {TranscriptUnreadableError, TranscriptKeyUnknownError, TranscriptAlteredError}
    assert refusals[-8:] == [TranscriptAlteredError] * 8


def _refusal(text: str) -> type[KaopingError]:
    with pytest.raises(KaopingError) as refused:
        verify_transcript(text, [KEY.public_key])
    return refused.type


def test_a_code_cut_short_is_refused_at_every_length() -> None:
    text = sign_transcript(make_facts(), KEY)
    allowed = {TranscriptUnreadableError, TranscriptAlteredError}

    assert {_refusal(text[:length]) for length in range(len(text))} <= allowed


@pytest.mark.parametrize("text", ["", "#", "hello", "你好", "A" * 1001, "%ZZ", "%FF", ":::", "\n", "0" * 300])
def test_what_is_no_transcript_is_refused_as_unreadable(text: str) -> None:
    with pytest.raises(TranscriptUnreadableError):
        verify_transcript(text, [KEY.public_key])


def test_a_key_that_is_not_on_the_list_confirms_nothing() -> None:
    with pytest.raises(TranscriptKeyUnknownError):
        verify_transcript(sign_transcript(make_facts(), OTHER_KEY), [KEY.public_key])


def test_naming_a_known_key_without_its_signature_confirms_nothing() -> None:
    body = signed_bytes(make_facts())[:-64]

    with pytest.raises(TranscriptAlteredError):
        verify_transcript(resigned(body, OTHER_KEY), [KEY.public_key])


def test_a_signature_made_for_something_else_confirms_nothing() -> None:
    body = signed_bytes(make_facts())[:-64]
    text = quote(base45.b45encode(body + KEY.signing_key.sign(body)).decode(), safe="$*+-./:")

    with pytest.raises(TranscriptAlteredError):
        verify_transcript(text, [KEY.public_key])


@pytest.mark.parametrize(
    "change",
    [
        lambda body: b"\x02" + body[1:],
        lambda body: body[:9] + b"\x09" + body[10:],
        lambda body: body + b"\nmore",
        lambda body: body[:17] + b"\xff" + body[18:],
    ],
    ids=["another format", "unknown result", "one text too many", "no GB 18030"],
)
def test_a_genuine_signature_over_another_form_is_unreadable_and_no_crash(change: Change) -> None:
    with pytest.raises(TranscriptUnreadableError):
        verify_transcript(resigned(change(signed_bytes(make_facts())[:-64])), [KEY.public_key])


def test_only_a_transcript_key_signs_transcripts() -> None:
    with pytest.raises(SignatureInvalidError, match="results"):
        sign_transcript(make_facts(), PrivateKey(Role.RESULTS, "", b"\x07" * 32))


@pytest.mark.parametrize(
    "facts",
    [
        make_facts(ticket_no="26020100"),
        make_facts(ticket_no="二六〇二"),
        make_facts(ticket_no="99999999999999"),
        make_facts(name="张\n建国"),
        make_facts(name="张\ue81e"),
        make_facts(name="ḿ"),
        make_facts(trade="电工"),
        make_facts(trade="6-8"),
        make_facts(trade="99-999"),
        make_facts(revision=0),
        make_facts(revision=70_000),
        make_facts(issued_on=date(2019, 12, 31)),
    ],
    ids=str,
)
def test_facts_that_do_not_fit_the_format_are_not_signed(facts: TranscriptFacts) -> None:
    with pytest.raises(TranscriptFactsError):
        sign_transcript(facts, KEY)


def test_the_facts_of_a_result_show_marks_cut_off() -> None:
    facts = transcript_of(
        make_result(know=59_960, do=SubjectStatus.ABSENT, outcome=Outcome.ABSENT),
        exam_title="考核",
        id_last4="1186",
        revision=2,
        issued_on=date(2026, 9, 30),
        know_decimals=1,
        do_decimals=1,
    )

    assert (facts.know, facts.do, facts.result, facts.trade) == ("59.9", "缺考", Outcome.ABSENT, "06-008")


WORDS = st.text(st.characters(blacklist_categories=["Cs", "Co"], blacklist_characters="\nḿ"), max_size=20)


@given(WORDS, WORDS, st.integers(0, 9_999_999_999), st.sampled_from(Outcome), st.integers(1, 65_535))
def test_law_every_fact_survives_the_way_there_and_back(
    title: str, name: str, ticket: int, result: Outcome, revision: int
) -> None:
    facts = make_facts(exam_title=title, name=name, ticket_no=f"{ticket:010d}", result=result, revision=revision)

    assert verify_transcript(sign_transcript(facts, KEY), [KEY.public_key]) == facts
