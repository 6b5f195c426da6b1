"""What is printed: every character, only our fonts, one page, the same bytes for the same facts."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

import exam_server.documents
from exam_protocol.ids import TicketNo
from exam_server.documents.glyphs import BOLD, REGULAR, MissingGlyphError, drawable
from exam_server.documents.pages import RoomCounts, RoomRecord, TicketPage, TranscriptPage
from exam_server.documents.render import DocumentNotDrawnError
from exam_server.documents.room_record import render_room_record
from exam_server.documents.tickets import render_tickets
from exam_server.documents.transcript import render_transcript

RARE_NAME = "䶮㛃𬭎𫖯"
TEMPLATES = Path(exam_server.documents.__file__).parent / "templates"


def _words(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def _pages(pdf: bytes) -> int:
    return len(PdfReader(io.BytesIO(pdf)).pages)


def _fonts(pdf: bytes) -> set[str]:
    fonts = set()
    for page in PdfReader(io.BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index,union-attr] # pypdf's untyped objects
            fonts.add(str(font.get_object()["/BaseFont"]).split("+")[-1])
    return fonts


def _chinese(encoding: str) -> set[str]:
    pairs = (bytes((first, second)) for first in range(0x81, 0xFF) for second in range(0x40, 0xFF))
    characters = {pair.decode(encoding, errors="ignore") for pair in pairs}
    return {character for character in characters if len(character) == 1 and "一" <= character <= "鿿"}


@pytest.mark.parametrize(("font", "encoding"), [(REGULAR, "gbk"), (BOLD, "gb2312")])
def test_a_font_draws_every_chinese_character_of_its_set(font: Path, encoding: str) -> None:
    assert _chinese(encoding) - drawable(font) == set()


def test_every_character_of_the_templates_can_be_printed() -> None:
    texts = {path.read_text(encoding="utf-8") for path in TEMPLATES.glob("*.typ")}
    assert set().union(*texts) - drawable() == {"\n"}


def test_a_rare_name_is_printed(make_transcript: Callable[..., TranscriptPage]) -> None:
    pdf = render_transcript(make_transcript(name=RARE_NAME))
    assert set(RARE_NAME) <= drawable()
    assert RARE_NAME in _words(pdf)


def test_a_name_that_cannot_be_printed_is_refused_and_named(make_ticket: Callable[..., TicketPage]) -> None:
    with pytest.raises(MissingGlyphError, match=r"𪚥.*U\+2A6A5.*王𪚥"):
        render_tickets([make_ticket(name="王𪚥")])


def test_only_the_bundled_fonts_are_used(
    make_ticket: Callable[..., TicketPage],
    make_room_record: Callable[..., RoomRecord],
    make_transcript: Callable[..., TranscriptPage],
) -> None:
    pdfs = (
        render_tickets([make_ticket(name=RARE_NAME)]),
        render_room_record(make_room_record()),
        render_transcript(make_transcript()),
    )
    assert set().union(*map(_fonts, pdfs)) == {"NotoSansSC-Regular", "NotoSansSC-Bold"}


def test_tickets_are_one_page_each_in_the_order_given(make_ticket: Callable[..., TicketPage]) -> None:
    numbers = ["2702030018", "2702030017", "2702030019"]
    pdf = render_tickets([make_ticket(ticket_no=TicketNo(number)) for number in numbers])
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]
    assert len(pages) == 3
    assert all(number in page for number, page in zip(numbers, pages, strict=True))


def test_a_transcript_stays_on_one_page_with_the_longest_words(make_transcript: Callable[..., TranscriptPage]) -> None:
    page = make_transcript(name="阿卜杜热西提·买买提吐尔逊江", unit="河北省机关事务管理局后勤服务中心维修保障大队" * 2)
    assert _pages(render_transcript(page)) == 1


def test_a_ticket_without_a_photo_leaves_room_to_paste_one(make_ticket: Callable[..., TicketPage]) -> None:
    assert "照片" in _words(render_tickets([make_ticket(photo=b"")]))


def test_a_text_is_never_read_as_markup(make_ticket: Callable[..., TicketPage]) -> None:
    unit = '#read("/etc/passwd") $x$ *粗* \\'
    assert unit in _words(render_tickets([make_ticket(unit=unit)]))


def test_the_same_facts_give_the_same_bytes(make_transcript: Callable[..., TranscriptPage]) -> None:
    assert render_transcript(make_transcript()) == render_transcript(make_transcript())


@pytest.mark.parametrize("picture", [b"GIF89a", b"\xff\xd8\xff cut off"], ids=["another_format", "damaged"])
def test_a_photo_that_cannot_be_read_is_refused(picture: bytes, make_ticket: Callable[..., TicketPage]) -> None:
    with pytest.raises(DocumentNotDrawnError, match="照片"):
        render_tickets([make_ticket(photo=picture)])


def test_a_room_record_says_that_its_sums_balance(make_room_record: Callable[..., RoomRecord]) -> None:
    words = _words(render_room_record(make_room_record()))
    assert "应考 28 ＝ 实考 26 ＋ 缺考 2" in words
    assert "不平" not in words


def test_a_room_record_says_that_its_sums_do_not_balance(make_room_record: Callable[..., RoomRecord]) -> None:
    counts = RoomCounts(28, 26, 1, 0, 19, 6, 1, 0, 5, 2)
    words = _words(render_room_record(make_room_record(counts=counts)))
    assert "应考 28 ≠ 实考 26 ＋ 缺考 1" in words
    assert "不平，请查明" in words


def test_a_room_record_before_the_sealing_says_so(make_room_record: Callable[..., RoomRecord]) -> None:
    record = make_room_record(package=None, events=(), absentees=(), actual_end=None)
    assert "答卷包还没有封存" in _words(render_room_record(record))


def test_a_room_record_shows_a_time_as_the_clock_on_the_wall_shows_it(
    make_room_record: Callable[..., RoomRecord],
) -> None:
    assert "09:00:01 – 10:40:00" in _words(render_room_record(make_room_record()))
