"""What the portal's pages are given: one object each, with nothing left for a template to decide."""

import msgspec

from exam_protocol.publication import PublishedSubject, Verdict
from exam_server.documents.local_time import clock, date_words
from exam_server.portal.transcript_page import DO, KNOW, recheck_words
from exam_server.services.lookup import LookupRefused, ShownResult

_FULL = 100_000


class FormPage(msgspec.Struct, frozen=True):
    """A page with a form: what was refused, and what was typed (never a password)."""

    refused: LookupRefused | None = None
    id_number: str = ""


class TroublePage(msgspec.Struct, frozen=True):
    """What happened and what to do."""

    what: str
    do: str


class SubjectBar(msgspec.Struct, frozen=True):
    """One subject: its mark against its line. The shares are lengths in per cent of 100 points."""

    title: str
    subtitle: str
    display: str
    words: str
    is_passed: bool
    has_mark: bool
    share: str
    pass_share: str
    pass_points: str


class ResultPage(msgspec.Struct, frozen=True):
    """成绩查询的结果."""

    name: str
    trade: str
    zone_name: str
    year: int
    id_masked: str
    is_passed: bool
    verdict: str
    verdict_note: str
    subjects: tuple[SubjectBar, ...]
    next_step: str
    recheck_until: str
    published: str
    revision: int
    correction: str


def result_page(shown: ShownResult) -> ResultPage:
    """Lay out a result for the screen."""
    result, publication = shown.result, shown.publication
    return ResultPage(
        name=result.name,
        trade=f"{result.trade_name} {result.trade}",
        zone_name=result.zone_name,
        year=publication.year,
        id_masked=result.id_masked,
        is_passed=result.verdict is Verdict.PASS,
        verdict=result.verdict_words,
        verdict_note=result.verdict_note,
        subjects=(
            _bar(KNOW, result.know, publication.pass_milli_know),
            _bar(DO, result.do, publication.pass_milli_do),
        ),
        next_step=result.next_step,
        recheck_until=recheck_words(shown),
        published=f"{date_words(publication.visible_from)} {clock(publication.visible_from)}",
        revision=result.revision,
        correction=result.correction,
    )


def _bar(titles: tuple[str, str], subject: PublishedSubject, pass_milli: int) -> SubjectBar:
    milli = min(max(subject.milli or 0, 0), _FULL)
    return SubjectBar(
        *titles,
        display=subject.display,
        words=subject.words,
        is_passed=subject.is_passed,
        has_mark=subject.milli is not None,
        share=f"{milli / 1000:g}%",
        pass_share=f"{pass_milli / 1000:g}%",
        pass_points=f"{pass_milli / 1000:g}",
    )
