"""From scored answers and practical marks to published results, the same bytes every time."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from centre_factories import (
    MARK_HEADINGS,
    SERVERS,
    SmallCentre,
    make_answer_key_package,
    make_answer_package,
    make_id_number,
    make_mark_rows,
    make_sitting_record,
    write_csv,
)
from factories import NOW
from msgspec.structs import replace

from exam_protocol.canonical_json import decode
from exam_protocol.documents import PublicationManifest, Role, SittingRecord
from exam_protocol.envelope import KEY_BYTES
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.publication import Publication, Verdict, activation_hash, lookup_hash
from exam_server.db import open_engine
from exam_server.models.base import create_schema
from exam_server.models.candidates import PlannedSitting
from exam_server.services.activation_codes import make_activation_codes
from exam_server.services.collection import receive_answers
from exam_server.services.marking import NotScoredError, score_session
from exam_server.services.practical_marks import import_practical_marks
from exam_server.services.publication import (
    CodesMissingError,
    CorrectionWithoutReasonError,
    Notes,
    PublicationKeys,
    Published,
    publish_results,
)
from exam_server.services.publication_import import import_publication
from exam_server.services.results import ResultsDecided, canonical_results, decide_results, know_scores
from exam_server.work import SYSTEM, WorkRunner

LOOKUP_KEY = bytes(KEY_BYTES)


def bring_marks(centre: SmallCentre, tmp_path: Path, rows: list[dict[str, str]]) -> None:
    file = write_csv(tmp_path / "应会.csv", rows, MARK_HEADINGS)
    centre.run(import_practical_marks, centre.config, centre.column_keys, file)


def score(centre: SmallCentre) -> None:
    centre_key = centre.key(Role.CENTRE_ENCRYPTION).opening_key
    centre.run(score_session, centre.config, centre.trust, centre_key, [make_answer_key_package(centre)])


def decide(centre: SmallCentre) -> ResultsDecided:
    decided: ResultsDecided = centre.run(decide_results, centre.config)
    return decided


def publish(centre: SmallCentre, correction: str = "") -> Published:
    keys = PublicationKeys(centre.column_keys, LOOKUP_KEY, centre.key(Role.PUBLICATION), centre.key(Role.TRANSCRIPT))
    notes = Notes("省考试中心", centre.now, None, correction, is_sample=True)
    published: Published = centre.run(publish_results, centre.config, keys, notes)
    return published


def content_of(centre: SmallCentre, package: bytes) -> Publication:
    manifest = centre.trust.verify(manifest_of(package), PublicationManifest, now=centre.now)
    (content,) = contents_of(package, [manifest.part])
    return decode(content, Publication, max_bytes=10_000_000)


def of_server(centre: SmallCentre) -> list[PlannedSitting]:
    return [sitting for sitting in centre.sittings() if sitting.server == SERVERS[0]]


def bring_package(centre: SmallCentre, records: list[SittingRecord]) -> None:
    centre.wait(minutes=1)
    package = make_answer_package(centre, SERVERS[0], records)
    centre.run(receive_answers, centre.config, centre.trust, package)


def withhold(centre: SmallCentre) -> None:
    """Bring a newer package of the first server in which 考生1's chain has lost an event, and score it."""
    records = [make_sitting_record(centre, sitting) for sitting in of_server(centre)]
    names = [sitting.candidate.name for sitting in of_server(centre)]
    place = names.index("考生1")
    records[place] = replace(records[place], events=records[place].events[1:])
    bring_package(centre, records)
    score(centre)


@pytest.fixture
def scored_centre(collected_centre: SmallCentre, tmp_path: Path) -> SmallCentre:
    """Theory 80 for everybody; practical: 1 passes, 2 fails, 3 absent, 4 disputed, 5 cheated, 6 has no marks yet."""
    bring_marks(
        collected_centre,
        tmp_path,
        make_mark_rows(1)
        + make_mark_rows(2, ["59", "59", "59"])
        + make_mark_rows(3, ["", "", ""], 状态="缺考")
        + make_mark_rows(4, ["50", "70", "72"])
        + make_mark_rows(5, ["", "", ""], 状态="违纪"),
    )
    score(collected_centre)
    return collected_centre


def test_every_outcome_is_counted_and_the_sum_balances(scored_centre: SmallCentre) -> None:
    decided = decide(scored_centre)

    assert (decided.passed, decided.failed, decided.absent, decided.void, decided.pending) == (1, 1, 1, 1, 2)
    assert decided.expected == 6


def test_the_file_tells_marks_exactly_and_absence_without_a_mark(scored_centre: SmallCentre) -> None:
    decide(scored_centre)

    lines = scored_centre.run(canonical_results).decode("utf-8-sig").splitlines()
    by_name = {line.split(",")[1]: line for line in lines[1:]}
    assert "正常,80.000,正常,71.000,合格" in by_name["考生1"]
    assert "正常,80.000,正常,59.000,不合格" in by_name["考生2"]
    assert "正常,80.000,缺考,,缺考" in by_name["考生3"]
    assert "待仲裁" in by_name["考生4"]
    assert lines[1:] == sorted(lines[1:])


def test_scoring_again_gives_the_same_file_byte_for_byte(scored_centre: SmallCentre) -> None:
    first = decide(scored_centre)
    scored_centre.wait(days=1)
    score(scored_centre)

    assert decide(scored_centre).sha256 == first.sha256


def test_results_wait_for_scoring(seated_centre: SmallCentre) -> None:
    with pytest.raises(NotScoredError):
        decide(seated_centre)


def test_marked_papers_are_kept_for_item_analysis(scored_centre: SmallCentre) -> None:
    scores = scored_centre.run(know_scores)

    assert [score.milli for score in scores] == [80_000] * 6
    assert len(scores[0].marks) == 4


def test_nothing_is_published_to_people_who_could_not_look_it_up(scored_centre: SmallCentre) -> None:
    with pytest.raises(CodesMissingError):
        publish(scored_centre)


def test_a_publication_holds_decided_results_and_no_id_number(scored_centre: SmallCentre) -> None:
    codes = scored_centre.run(make_activation_codes, scored_centre.column_keys, LOOKUP_KEY)
    published = publish(scored_centre)

    assert (published.revision, published.published, published.pending) == (1, 4, 2)
    content = content_of(scored_centre, published.package)
    first = next(result for result in content.results if result.name == "考生1")
    assert (first.verdict, first.know.display, first.do.display) == (Verdict.PASS, "80.0", "71.0")
    assert first.lookup_hash == lookup_hash(LOOKUP_KEY, make_id_number(1))
    (unit_list,) = codes.values()
    code = next(line.split(",")[2] for line in unit_list.decode("utf-8-sig").splitlines() if line.startswith("考生1,"))
    assert first.activation_hash == activation_hash(LOOKUP_KEY, make_id_number(1), code)
    assert make_id_number(1).encode() not in published.package


def test_the_portal_takes_the_publication(scored_centre: SmallCentre) -> None:
    scored_centre.run(make_activation_codes, scored_centre.column_keys, LOOKUP_KEY)
    portal = open_engine("sqlite://")
    create_schema(portal, "portal")
    runner = WorkRunner(portal, lambda: scored_centre.now)

    report = runner.run(SYSTEM, import_publication, publish(scored_centre).package, scored_centre.trust)

    assert (report.results, report.is_new) == (4, True)


def test_a_correction_needs_a_reason_and_raises_only_the_revision_of_whom_it_concerns(
    scored_centre: SmallCentre, tmp_path: Path
) -> None:
    scored_centre.run(make_activation_codes, scored_centre.column_keys, LOOKUP_KEY)
    publish(scored_centre)
    bring_marks(scored_centre, tmp_path, make_mark_rows(2, ["66"], 考评员="李明", 状态="仲裁"))

    with pytest.raises(CorrectionWithoutReasonError):
        publish(scored_centre)
    corrected = publish(scored_centre, "应会成绩经仲裁更正")

    content = content_of(scored_centre, corrected.package)
    assert (corrected.revision, corrected.changed) == (2, 1)
    assert {result.name: result.revision for result in content.results} == {
        "考生1": 1,
        "考生2": 2,
        "考生3": 1,
        "考生5": 1,
    }
    assert next(result.correction for result in content.results if result.name == "考生2") == "应会成绩经仲裁更正"


def test_nobodys_published_result_is_withdrawn_without_a_reason(scored_centre: SmallCentre) -> None:
    scored_centre.run(make_activation_codes, scored_centre.column_keys, LOOKUP_KEY)
    publish(scored_centre)
    withhold(scored_centre)

    with pytest.raises(CorrectionWithoutReasonError, match="不再发布"):
        publish(scored_centre)
    withdrawn = publish(scored_centre, "答卷核查中，暂缓公布")

    assert (withdrawn.published, withdrawn.changed) == (3, 1)


def test_answers_that_came_after_the_scoring_hold_up_results_until_they_are_scored(
    scored_centre: SmallCentre,
) -> None:
    scored_centre.run(make_activation_codes, scored_centre.column_keys, LOOKUP_KEY)
    records = [make_sitting_record(scored_centre, sitting) for sitting in of_server(scored_centre)]
    bring_package(scored_centre, records)

    with pytest.raises(NotScoredError, match="判分之后"):
        decide(scored_centre)
    with pytest.raises(NotScoredError, match="判分之后"):
        publish(scored_centre)
    score(scored_centre)

    assert decide(scored_centre).expected == 6


def test_the_morning_of_the_exam_is_what_the_configuration_says(centre: SmallCentre) -> None:
    assert centre.config.times.starts_at_utc == NOW == datetime(2026, 9, 26, 1, tzinfo=UTC)
