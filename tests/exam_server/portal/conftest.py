"""A portal with a clock that tests move, and publications signed with real keys of the cheapest kind."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient

from exam_protocol.canonical_json import encode
from exam_protocol.documents import PublicationManifest, Role
from exam_protocol.ids import ExamId, Milli, TicketNo, TradeCode
from exam_protocol.key_folder import make_key_folder, read_key
from exam_protocol.keys import CHEAPEST_KDF, Trust, root_fingerprint, sign_document
from exam_protocol.package import pack, part_of
from exam_protocol.publication import (
    PUBLICATION_FORMAT,
    PUBLICATION_PART,
    Publication,
    PublishedResult,
    PublishedSubject,
    Verdict,
    activation_hash,
    lookup_hash,
)
from exam_server.portal.app import create_portal_app
from exam_server.portal.config import PortalConfig, make_portal_folder
from scoring.pass_rules import Outcome
from scoring.transcript import TranscriptFacts, sign_transcript

EXAM = ExamId("2027-technician")
EXAM_TITLE = "2027 年度河北省机关事业单位工人技师考评"
PASSPHRASE = "test"
LOOKUP_KEY = bytes(range(32))
ID_NUMBER = "990101197203141186"
CODE = "7K3D0-QWE12"
PASSWORD = "红旗渠 1965"
CHEAP_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PUBLISHED_AT = datetime(2027, 9, 30, 2, 0, tzinfo=UTC)


class Clock:
    """Shows the time it was set to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, **span: float) -> None:
        self.now += timedelta(**span)


class Publisher:
    """The centre's side: signs transcripts and publications of one exam."""

    def __init__(self, folder: Path, exam: ExamId = EXAM) -> None:
        self.exam = exam
        self.trust: Trust = make_key_folder(folder, exam, [], PASSPHRASE, PUBLISHED_AT, cost=CHEAPEST_KDF)
        self.root = (folder / "root.dsse").read_bytes()
        self.fingerprint = root_fingerprint(self.trust.root)
        self._publication_key = read_key(folder, Role.PUBLICATION, PASSPHRASE)
        self._transcript_key = read_key(folder, Role.TRANSCRIPT, PASSPHRASE)

    def transcript(self, **changed: object) -> str:
        facts = TranscriptFacts(
            EXAM_TITLE,
            "张建国",
            "1186",
            TicketNo("2702030017"),
            TradeCode("06-008"),
            "78.5",
            "82.0",
            Outcome.PASS,
            1,
            date(2027, 9, 30),
        )
        return sign_transcript(msgspec.structs.replace(facts, **changed), self._transcript_key)

    def result(self, **changed: object) -> PublishedResult:
        result = PublishedResult(
            lookup_hash=lookup_hash(LOOKUP_KEY, ID_NUMBER),
            activation_hash=activation_hash(LOOKUP_KEY, ID_NUMBER, CODE),
            transcript_no="2027-02-000317",
            revision=1,
            correction="",
            name="张建国",
            gender="男",
            id_masked="9901**********1186",
            ticket_no=TicketNo("2702030017"),
            trade=TradeCode("06-008"),
            trade_name="电工",
            unit="石家庄市示例水务服务中心",
            zone_name="石家庄",
            photo=b"",
            know=PublishedSubject(Milli(78_500), "78.5", "合格", is_passed=True),
            do=PublishedSubject(Milli(82_000), "82.0", "合格", is_passed=True),
            verdict=Verdict.PASS,
            verdict_words="双 60 合格",
            verdict_note="应知、应会都达到 60 分，成绩当年有效。",
            next_step="由所在单位从合格人员中推荐，请与单位人事部门联系。",
            transcript="",
        )
        result = msgspec.structs.replace(result, **changed)
        if result.transcript:
            return result
        transcript = self.transcript(
            name=result.name,
            ticket_no=result.ticket_no,
            revision=result.revision,
            know=result.know.display or result.know.words,
            do=result.do.display or result.do.words,
            result=Outcome(result.verdict.value),
        )
        return msgspec.structs.replace(result, transcript=transcript)

    def package(
        self, *results: PublishedResult, revision: int = 1, visible_from: datetime = PUBLISHED_AT, **changed: object
    ) -> bytes:
        publication = Publication(
            format=PUBLICATION_FORMAT,
            exam=self.exam,
            exam_title=EXAM_TITLE,
            year=2027,
            revision=revision,
            issuer="省考试中心（示例）",
            issued_at=PUBLISHED_AT,
            recheck_until=datetime(2027, 10, 8, 9, 0, tzinfo=UTC),
            pass_milli_know=Milli(60_000),
            pass_milli_do=Milli(60_000),
            is_sample=True,
            results=results or (self.result(),),
        )
        content = encode(msgspec.structs.replace(publication, **changed))
        manifest = PublicationManifest(self.exam, revision, visible_from, part_of(PUBLICATION_PART, content))
        return pack(sign_document(manifest, self._publication_key), [content])


@pytest.fixture(scope="session")
def publisher(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    return Publisher(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Publisher:
    """Somebody with a root of their own."""
    return Publisher(tmp_path_factory.mktemp("foreign-keys"))


@pytest.fixture
def clock() -> Clock:
    return Clock(PUBLISHED_AT + timedelta(hours=1))


@pytest.fixture
def config(tmp_path: Path, publisher: Publisher, clock: Clock) -> PortalConfig:
    return make_portal_folder(
        tmp_path / "portal",
        root=publisher.root,
        fingerprint=publisher.fingerprint,
        lookup_key=LOOKUP_KEY,
        public_url="http://127.0.0.1:8300",
        now=clock(),
    )


@pytest.fixture
def client(config: PortalConfig, clock: Clock) -> FlaskClient:
    app = create_portal_app(config, clock, CHEAP_HASHER)
    return app.test_client()


@pytest.fixture
def post(client: FlaskClient) -> Callable[..., str]:
    """Fill in and send a form of a page, as a browser does; returns the text of the page that comes."""

    def send(path: str, **fields: str) -> str:
        shown = client.get("/" if path == "/sign-out" else path).text
        token = shown.split('name="csrf_token" value="')[1].split('"')[0]
        return client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True).text

    return send


@pytest.fixture
def cheap_hasher() -> PasswordHasher:
    return CHEAP_HASHER
