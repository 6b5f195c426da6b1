"""A signed publication package comes into the portal, whole or not at all (SECURITY §6)."""

import msgspec
from sqlalchemy import func, select

from exam_protocol.canonical_json import decode, encode
from exam_protocol.documents import PublicationManifest, Role
from exam_protocol.errors import ExpiredError, KaopingError, WrongServerError
from exam_protocol.keys import Trust
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.publication import MAX_PUBLICATION_BYTES, PUBLICATION_FORMAT, Publication, PublishedResult
from exam_server.models.publication import ImportedPublication, ImportedResult
from exam_server.work import Work
from scoring.transcript import verify_transcript


class PublicationContradictsError(KaopingError):
    """The publication is signed but does not fit its manifest, itself, or its transcripts."""


class ImportReport(msgspec.Struct, frozen=True):
    """What an import brought. ``is_new`` is false when the very same publication was there already."""

    exam_title: str
    revision: int
    results: int
    is_new: bool


def import_publication(work: Work, package: bytes, trust: Trust) -> ImportReport:
    """Check and take in a publication package. Order: signature, size, hash, then the content (ARCHITECTURE §5.5).

    Raises the errors of ``Trust.verify`` and ``contents_of``, ``WrongServerError`` for another exam,
    ``ExpiredError`` for an older revision, ``PublicationContradictsError``.
    """
    manifest = trust.verify(manifest_of(package), PublicationManifest, now=work.now)
    if manifest.exam != trust.root.exam:
        raise WrongServerError(
            f"这是“{manifest.exam}”的成绩发布包，本网站是“{trust.root.exam}”的。", "请检查是否拿错了文件。"
        )
    (content,) = contents_of(package, (manifest.part,))
    publication = decode(content, Publication, max_bytes=MAX_PUBLICATION_BYTES)
    _require_consistent(manifest, publication, trust, work)
    newest = work.db.scalar(
        select(func.max(ImportedPublication.revision)).where(ImportedPublication.exam == manifest.exam)
    )
    if newest is not None and manifest.revision < newest:
        raise ExpiredError(
            f"发布包是第 {manifest.revision} 版，网站上已是第 {newest} 版。", "请导入最新一版；旧版不能覆盖新版。"
        )
    is_new = manifest.revision != newest
    if is_new:
        _add(work, manifest, publication)
    else:
        _require_same(work, manifest)
    return ImportReport(publication.exam_title, publication.revision, len(publication.results), is_new)


def _require_consistent(manifest: PublicationManifest, publication: Publication, trust: Trust, work: Work) -> None:
    if publication.format != PUBLICATION_FORMAT:
        raise PublicationContradictsError(f"发布内容的格式是“{publication.format}”。", "请更新本系统后再导入。")
    if (publication.exam, publication.revision) != (manifest.exam, manifest.revision):
        raise PublicationContradictsError("发布内容与清单不是同一考试、同一版。", "请联系省考试中心重新签发。")
    for field, word in (("lookup_hash", "查询号"), ("ticket_no", "准考证号"), ("activation_hash", "激活码")):
        if len({getattr(result, field) for result in publication.results}) != len(publication.results):
            raise PublicationContradictsError(f"发布内容里有重复的{word}。", "请联系省考试中心重新签发。")
    keys = trust.keys(Role.TRANSCRIPT, "", work.now)
    for result in publication.results:
        facts = verify_transcript(result.transcript, keys)
        told = (facts.exam_title, facts.name, facts.ticket_no, facts.trade, facts.revision, facts.result.value)
        shown = (publication.exam_title, *_named(result), result.revision, result.verdict.value)
        marks = (result.know.display or result.know.words, result.do.display or result.do.words)
        if (told, (facts.know, facts.do)) != (shown, marks) or not result.id_masked.endswith(facts.id_last4):
            raise PublicationContradictsError(
                f"准考证号 {result.ticket_no} 的成绩单二维码与发布内容不一致。", "请联系省考试中心重新签发。"
            )


def _named(result: PublishedResult) -> tuple[str, str, str]:
    return result.name, result.ticket_no, result.trade


def _require_same(work: Work, manifest: PublicationManifest) -> None:
    held = work.db.scalars(
        select(ImportedPublication.part_sha256).where(
            ImportedPublication.exam == manifest.exam, ImportedPublication.revision == manifest.revision
        )
    ).one()
    if held != manifest.part.sha256:
        raise PublicationContradictsError(
            f"第 {manifest.revision} 版已经导入过，内容却不同。", "更正必须用更高的版次；请联系省考试中心。"
        )


def _add(work: Work, manifest: PublicationManifest, publication: Publication) -> None:
    held = ImportedPublication(
        exam=manifest.exam,
        revision=manifest.revision,
        part_sha256=manifest.part.sha256,
        visible_from=manifest.visible_from,
        imported_at=work.now,
        exam_title=publication.exam_title,
        year=publication.year,
        issuer=publication.issuer,
        issued_at=publication.issued_at,
        recheck_until=publication.recheck_until,
        pass_milli_know=publication.pass_milli_know,
        pass_milli_do=publication.pass_milli_do,
        is_sample=publication.is_sample,
    )
    work.db.add(held)
    work.db.flush()
    work.db.add_all(_result(held, result) for result in publication.results)


def _result(held: ImportedPublication, result: PublishedResult) -> ImportedResult:
    return ImportedResult(
        publication_id=held.id,
        lookup_hash=result.lookup_hash,
        activation_hash=result.activation_hash,
        ticket_no=result.ticket_no,
        revision=result.revision,
        content=encode(result),
    )
