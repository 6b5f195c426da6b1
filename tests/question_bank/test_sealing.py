"""Sealed papers open only where and with what they are meant to; no key ever travels with a paper."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from bank_factories import DRIVER, ELECTRICIAN

from exam_protocol.answer_key import open_answer_keys
from exam_protocol.canonical_json import decode
from exam_protocol.documents import AnswerKeyManifest, PaperManifest, Role
from exam_protocol.envelope import unseal
from exam_protocol.errors import (
    ConfigurationError,
    PackageBrokenError,
    PartDigestMismatchError,
    SealBrokenError,
    SignatureInvalidError,
)
from exam_protocol.exam_config import ExamConfig
from exam_protocol.ids import ExamId, ServerId, server_id
from exam_protocol.key_folder import make_key_folder, read_key
from exam_protocol.keys import CHEAPEST_KDF, PrivateKey, Trust, new_private_key
from exam_protocol.package import contents_of, manifest_of
from exam_protocol.paper import Purpose
from exam_protocol.sealed_paper import OpeningKeys, open_key_file, open_paper, opening_keys_context, paper_context
from question_bank.assembly import assemble_papers
from question_bank.papers import AssembledPaper
from question_bank.sealed_folder import write_sealed_session
from question_bank.sealing import SealedPackage, SealedSession, SealingOrder, seal_papers, sealing_order, validity
from question_bank.store import StoredItem, random_id

NOW = datetime(2026, 9, 20, 8, 0, tzinfo=UTC)
SERVERS = (server_id("02"), server_id("03"))


@pytest.fixture(scope="module")
def papers(pool: list[StoredItem], config: ExamConfig) -> tuple[AssembledPaper, ...]:
    return assemble_papers(pool, config, (ELECTRICIAN, DRIVER), seed=1, new_id=random_id)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory, config: ExamConfig) -> Path:
    folder = tmp_path_factory.mktemp("keys")
    make_key_folder(folder, config.exam, SERVERS, "口令", NOW, cost=CHEAPEST_KDF)
    return folder


@pytest.fixture(scope="module")
def trust(keys: Path) -> Trust:
    return Trust.from_root((keys / "root.dsse").read_bytes(), fingerprint=None, now=NOW)


@pytest.fixture(scope="module")
def centre(keys: Path) -> PrivateKey:
    return read_key(keys, Role.CENTRE_ENCRYPTION, "口令")


@pytest.fixture(scope="module")
def paper_key(keys: Path) -> PrivateKey:
    return read_key(keys, Role.PAPER, "口令")


@pytest.fixture(scope="module")
def order(trust: Trust, paper_key: PrivateKey, config: ExamConfig) -> SealingOrder:
    return sealing_order(trust, paper_key, config, SERVERS, NOW)


@pytest.fixture(scope="module")
def session(papers: Sequence[AssembledPaper], order: SealingOrder) -> SealedSession:
    return seal_papers(papers, SERVERS, order)


def manifest(package: SealedPackage, trust: Trust) -> PaperManifest:
    return trust.verify(manifest_of(package.content), PaperManifest, now=NOW)


def parts(package: SealedPackage, read: PaperManifest) -> tuple[bytes, ...]:
    return contents_of(package.content, [read.key_file, *(entry.part for entry in read.papers)])


def context(read: PaperManifest, place: int, server: ServerId | None = None) -> str:
    entry = read.papers[place]
    return paper_context(read.exam, read.session, server or read.server, entry.paper, read.revision, read.purpose)


def test_a_server_opens_its_papers_with_its_opening_key(
    session: SealedSession, papers: Sequence[AssembledPaper], trust: Trust
) -> None:
    package = session.packages[0]
    read = manifest(package, trust)
    key_file, *sealed = parts(package, read)

    keys = open_key_file(key_file, package.opening_key.secret, read)
    opened = [
        open_paper(content, keys[entry.paper], context(read, place))
        for place, (entry, content) in enumerate(zip(read.papers, sealed, strict=True))
    ]

    assert (read.server, read.purpose) == ("zone-02/1", Purpose.LIVE)
    assert opened == [a.paper for a in papers if a.paper.purpose is Purpose.LIVE]


def test_the_opening_key_of_another_server_or_purpose_is_caught_before_decrypting(
    session: SealedSession, trust: Trust
) -> None:
    package, *others = session.packages
    read = manifest(package, trust)
    key_file = parts(package, read)[0]

    for other in others:
        with pytest.raises(SealBrokenError, match="启封密钥与试卷包不配套"):
            open_key_file(key_file, other.opening_key.secret, read)


def test_a_paper_moved_to_another_server_does_not_open(session: SealedSession, trust: Trust) -> None:
    package = session.packages[0]
    read = manifest(package, trust)
    key_file, sealed, *_ = parts(package, read)
    keys = open_key_file(key_file, package.opening_key.secret, read)

    with pytest.raises(SealBrokenError):
        open_paper(sealed, keys[read.papers[0].paper], context(read, 0, server_id("03")))


def test_each_paper_has_its_own_content_key_on_each_server(session: SealedSession, trust: Trust) -> None:
    digests = [entry.content_key_sha256 for package in session.packages for entry in manifest(package, trust).papers]

    assert len(set(digests)) == len(digests) == 2 * 2 * 2


def test_a_key_file_that_does_not_fit_its_manifest_is_refused(session: SealedSession, trust: Trust) -> None:
    package = session.packages[0]
    read = manifest(package, trust)
    swapped = msgspec.structs.replace(read, papers=tuple(reversed(read.papers))[:1])

    with pytest.raises(SealBrokenError, match="密钥文件与试卷清单不符"):
        open_key_file(parts(package, read)[0], package.opening_key.secret, swapped)


def test_no_question_and_no_key_can_be_read_from_a_package(
    session: SealedSession, papers: Sequence[AssembledPaper]
) -> None:
    words = [item.stem.encode() for assembled in papers for item in assembled.paper.items()]
    ids = [answer.item.encode() for assembled in papers for answer in assembled.answer_key.items]

    for package in session.packages:
        assert not any(secret in package.content for secret in (*words, *ids, package.opening_key.secret))


def test_the_size_of_a_sealed_paper_tells_nothing(session: SealedSession, trust: Trust) -> None:
    sizes = {entry.part.size for package in session.packages for entry in manifest(package, trust).papers}

    assert {(size - 28) % (64 * 1024) for size in sizes} == {0}


def test_an_altered_or_cut_package_is_refused(session: SealedSession, trust: Trust) -> None:
    content = session.packages[0].content
    read = manifest(session.packages[0], trust)
    wanted = [read.key_file, *(entry.part for entry in read.papers)]

    with pytest.raises(PartDigestMismatchError):
        contents_of(content[:-1] + bytes([content[-1] ^ 1]), wanted)
    with pytest.raises(PackageBrokenError):
        contents_of(content[:-1], wanted)
    with pytest.raises(SignatureInvalidError):
        trust.verify(manifest_of(content.replace(b'"payload":"ey', b'"payload":"ez', 1)), PaperManifest, now=NOW)


def test_only_the_centre_opens_the_answer_keys(
    session: SealedSession, papers: Sequence[AssembledPaper], trust: Trust, centre: PrivateKey
) -> None:
    package = session.answer_keys[Purpose.RESERVE]
    read = trust.verify(manifest_of(package), AnswerKeyManifest, now=NOW)
    (sealed,) = contents_of(package, [read.part])

    opened = open_answer_keys(sealed, centre.opening_key, read)

    assert list(opened.keys) == [a.answer_key for a in papers if a.paper.purpose is Purpose.RESERVE]
    with pytest.raises(SealBrokenError):
        open_answer_keys(sealed, new_private_key(Role.CENTRE_ENCRYPTION).opening_key, read)
    with pytest.raises(SealBrokenError):
        open_answer_keys(sealed, centre.opening_key, msgspec.structs.replace(read, purpose=Purpose.LIVE))


def test_the_centre_finds_the_opening_key_of_every_package(
    session: SealedSession, trust: Trust, centre: PrivateKey, config: ExamConfig
) -> None:
    sealed = unseal(session.opening_keys, centre.opening_key, opening_keys_context(config.exam, config.session))
    keys = {(key.server, key.purpose): key for key in decode(sealed, OpeningKeys, max_bytes=1 << 20).keys}

    for package in session.packages:
        read = manifest(package, trust)
        key_file = parts(package, read)[0]
        assert open_key_file(key_file, keys[read.server, read.purpose].secret, read)


def test_packages_may_be_opened_from_a_minute_before_the_start_until_a_day_after_the_end() -> None:
    start = datetime(2026, 9, 26, 1, 0, tzinfo=UTC)

    not_before, not_after = validity(start, 5400)

    assert start - not_before == timedelta(minutes=1)
    assert not_after - start == timedelta(hours=25, minutes=30)


def test_nothing_is_sealed_that_would_not_be_accepted(trust: Trust, paper_key: PrivateKey, config: ExamConfig) -> None:
    other_exam = msgspec.structs.replace(config, exam=ExamId("2027-technician"))

    with pytest.raises(ConfigurationError, match="密钥是考试“2026-technician”的"):
        sealing_order(trust, paper_key, other_exam, SERVERS, NOW)
    with pytest.raises(ConfigurationError, match="没有这些考点服务器：zone-04/1"):
        sealing_order(trust, paper_key, config, (*SERVERS, server_id("04")), NOW)
    with pytest.raises(ConfigurationError, match="不在根文件里"):
        sealing_order(trust, new_private_key(Role.PAPER), config, SERVERS, NOW)


def test_papers_of_two_assemblies_are_not_sealed_together(
    papers: Sequence[AssembledPaper], order: SealingOrder
) -> None:
    other = msgspec.structs.replace(papers[1], paper=msgspec.structs.replace(papers[1].paper, revision=2))

    with pytest.raises(ConfigurationError, match="不是同一次组卷"):
        seal_papers([papers[0], other], SERVERS, order)


def test_the_same_randomness_is_never_asked_for_twice(papers: Sequence[AssembledPaper], order: SealingOrder) -> None:
    asked: list[int] = []

    def counted(count: int) -> bytes:
        asked.append(count)
        return hashlib.sha256(str(len(asked)).encode()).digest()[:count]

    seal_papers(papers, SERVERS, order, counted)

    content_keys_and_opening_keys, nonces = asked.count(32), asked.count(12)
    assert (content_keys_and_opening_keys, nonces) == (2 * 2 * 2 + 2 * 2, 2 * 2 * 2)


def test_a_sealed_folder_is_whole_or_not_there(
    papers: Sequence[AssembledPaper], order: SealingOrder, tmp_path: Path
) -> None:
    write_sealed_session(papers, SERVERS, order, tmp_path / "out")

    names = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert names == [
        "answer-keys-live.package",
        "answer-keys-reserve.package",
        "opening-keys.sealed",
        "zone-02-1/live.package",
        "zone-02-1/reserve.package",
        "zone-03-1/live.package",
        "zone-03-1/reserve.package",
    ]
    with pytest.raises(ConfigurationError, match="不是空的"):
        write_sealed_session(papers, SERVERS, order, tmp_path / "out")
    with pytest.raises(FileExistsError):
        write_sealed_session(papers, (*SERVERS, SERVERS[0]), order, tmp_path / "again")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
