"""From a published result to its printed transcript."""

from exam_protocol.exam_config import HEBEI
from exam_protocol.ids import Milli
from exam_protocol.publication import PublishedSubject, Verdict
from exam_server.documents.pages import SubjectLine, TranscriptPage
from exam_server.services.lookup import ShownResult

KNOW, DO = ("应知", "技术业务理论"), ("应会", "实际操作")


def verify_address(public_url: str, transcript: str) -> str:
    """What the QR holds. Behind the # nothing is ever sent to a server."""
    return f"{public_url}/v#{transcript}"


def recheck_words(shown: ShownResult) -> str:
    """Until when a re-check may be asked for; empty when there is none."""
    until = shown.publication.recheck_until
    if until is None:
        return ""
    local = until.astimezone(HEBEI)
    return f"{local.month} 月 {local.day} 日 {local:%H:%M}"


def transcript_page(shown: ShownResult, public_url: str) -> TranscriptPage:
    """Lay out what is printed."""
    result, publication = shown.result, shown.publication
    until = recheck_words(shown)
    recheck = (f"对成绩有疑问的，可在 {until} 以前通过所在单位申请复核。",) if until else ()
    correction = (f"本版为更正版。更正原因：{result.correction}。",) if result.correction else ()
    return TranscriptPage(
        exam_title=publication.exam_title,
        transcript_no=result.transcript_no,
        revision=result.revision,
        name=result.name,
        gender=result.gender,
        id_masked=result.id_masked,
        ticket_no=result.ticket_no,
        trade=f"{result.trade_name} {result.trade}",
        zone_name=result.zone_name,
        unit=result.unit,
        photo=result.photo,
        know=_line(KNOW, result.know, Milli(publication.pass_milli_know)),
        do=_line(DO, result.do, Milli(publication.pass_milli_do)),
        verdict=result.verdict_words,
        verdict_note=result.verdict_note,
        is_passed=result.verdict is Verdict.PASS,
        issuer=publication.issuer,
        issued_at=publication.issued_at,
        verify_url=verify_address(public_url, result.transcript),
        notes=(*correction, *recheck, "成绩如有更正，会发出新的一版并写明原因；扫码时会提示本版已被替代。"),
        sample=publication.is_sample,
    )


def _line(titles: tuple[str, str], subject: PublishedSubject, pass_milli: Milli) -> SubjectLine:
    return SubjectLine(*titles, subject.milli, subject.display, subject.words, subject.is_passed, pass_milli)
