"""A publication comes in whole and only from the centre; a correction is a higher revision and the old one stays."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from exam_protocol.errors import (
    ExpiredError,
    KaopingError,
    PackageBrokenError,
    PartDigestMismatchError,
    SignatureInvalidError,
)
from exam_protocol.ids import TicketNo
from exam_protocol.publication import Verdict
from exam_server.db import open_engine
from exam_server.models.base import create_schema
from exam_server.models.publication import ImportedPublication, ImportedResult
from exam_server.services.publication_import import ImportReport, PublicationContradictsError, import_publication
from exam_server.work import SYSTEM, WorkRunner

Import = Callable[[bytes], ImportReport]


@pytest.fixture
def runner(clock: Any) -> Iterator[WorkRunner]:
    engine = open_engine("sqlite://")
    create_schema(engine, "portal")
    yield WorkRunner(engine, clock)
    engine.dispose()


@pytest.fixture
def bring_in(runner: WorkRunner, publisher: Any) -> Import:
    return lambda package: runner.run(SYSTEM, import_publication, package, publisher.trust)


@pytest.fixture
def held(runner: WorkRunner) -> Callable[[], tuple[int, int]]:
    """How many publications and results the portal holds."""

    def count() -> tuple[int, int]:
        with runner.engine.connect() as connection:
            publications = connection.scalar(select(func.count()).select_from(ImportedPublication))
            results = connection.scalar(select(func.count()).select_from(ImportedResult))
        return publications or 0, results or 0

    return count


def test_a_signed_publication_comes_in(bring_in: Import, publisher: Any, held: Any) -> None:
    assert bring_in(publisher.package()) == ImportReport("2027 年度河北省机关事业单位工人技师考评", 1, 1, is_new=True)
    assert held() == (1, 1)


def test_the_same_publication_twice_changes_nothing(bring_in: Import, publisher: Any, held: Any) -> None:
    package = publisher.package()
    bring_in(package)
    assert not bring_in(package).is_new
    assert held() == (1, 1)


def test_a_correction_is_kept_beside_the_version_before_it(bring_in: Import, publisher: Any, held: Any) -> None:
    bring_in(publisher.package())
    bring_in(publisher.package(publisher.result(revision=2, correction="应会录入有误"), revision=2))
    assert held() == (2, 2)


def test_an_older_revision_is_refused(bring_in: Import, publisher: Any, held: Any) -> None:
    bring_in(publisher.package(revision=2))
    with pytest.raises(ExpiredError, match="第 1 版，网站上已是第 2 版"):
        bring_in(publisher.package(revision=1))
    assert held() == (1, 1)


def test_the_same_revision_with_other_content_is_refused(bring_in: Import, publisher: Any) -> None:
    bring_in(publisher.package())
    with pytest.raises(PublicationContradictsError, match="内容却不同"):
        bring_in(publisher.package(publisher.result(unit="别的单位")))


def test_a_publication_signed_by_somebody_else_is_refused(bring_in: Import, stranger: Any, held: Any) -> None:
    with pytest.raises(SignatureInvalidError):
        bring_in(stranger.package())
    assert held() == (0, 0)


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda package: package[:-1], PackageBrokenError),
        (lambda package: package + b" ", PackageBrokenError),
        (lambda package: package.replace(b"78.5", b"98.5"), PartDigestMismatchError),
        (lambda _package: b"PK\x03\x04 not ours", PackageBrokenError),
    ],
    ids=["cut_short", "longer", "mark_altered", "another_file"],
)
def test_a_damaged_publication_is_refused_by_name(
    damage: Callable[[bytes], bytes], error: type[KaopingError], bring_in: Import, publisher: Any, held: Any
) -> None:
    with pytest.raises(error):
        bring_in(damage(publisher.package()))
    assert held() == (0, 0)


def test_a_qr_code_that_tells_other_marks_than_the_page_is_refused(bring_in: Import, publisher: Any, held: Any) -> None:
    result = publisher.result(transcript=publisher.transcript(know="88.5"))
    with pytest.raises(PublicationContradictsError, match="二维码与发布内容不一致"):
        bring_in(publisher.package(result))
    assert held() == (0, 0)


def test_a_qr_code_that_tells_another_verdict_than_the_page_is_refused(bring_in: Import, publisher: Any) -> None:
    result = publisher.result(verdict=Verdict.FAIL, transcript=publisher.transcript())
    with pytest.raises(PublicationContradictsError, match="2702030017"):
        bring_in(publisher.package(result))


def test_two_results_for_one_id_number_are_refused(bring_in: Import, publisher: Any) -> None:
    first = publisher.result()
    second = publisher.result(ticket_no=TicketNo("2702030018"), activation_hash="other")
    with pytest.raises(PublicationContradictsError, match="重复的查询号"):
        bring_in(publisher.package(first, second))


def test_a_manifest_around_another_revision_is_refused(bring_in: Import, publisher: Any) -> None:
    with pytest.raises(PublicationContradictsError, match="不是同一考试、同一版"):
        bring_in(publisher.package(revision=3, exam="2028-technician"))


def test_a_transcript_dated_in_another_year_still_fits_its_result(bring_in: Import, publisher: Any) -> None:
    result = publisher.result(transcript=publisher.transcript(issued_on=date(2028, 1, 3)))
    assert bring_in(publisher.package(msgspec.structs.replace(result, photo=b""))).results == 1
