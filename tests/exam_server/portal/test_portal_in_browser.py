"""The portal and the verify page in a real browser, under the policy they are served with."""

import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from exam_protocol.ids import TicketNo
from exam_server.db import open_engine
from exam_server.portal.app import create_portal_app
from exam_server.portal.config import PortalConfig
from exam_server.services.publication_import import import_publication
from exam_server.work import SYSTEM, WorkRunner

pytestmark = pytest.mark.browser

ID_NUMBER = "990101197203141186"
WITHOUT_ED25519 = """
  const known = crypto.subtle.importKey.bind(crypto.subtle);
  crypto.subtle.importKey = (format, key, algorithm, ...rest) =>
    algorithm.name === "Ed25519" ? Promise.reject(new DOMException("unknown", "NotSupportedError"))
                                 : known(format, key, algorithm, ...rest);
"""


@pytest.fixture
def site(config: PortalConfig, clock: Any, publisher: Any, cheap_hasher: Any) -> Iterator[str]:
    app = create_portal_app(config, clock, cheap_hasher)
    engine = open_engine(config.database_url)
    runner = WorkRunner(engine, clock)
    runner.run(SYSTEM, import_publication, publisher.package(), publisher.trust)
    other = {"ticket_no": TicketNo("2702030018"), "lookup_hash": "b", "activation_hash": "b"}
    corrected = publisher.result(**other, revision=2, correction="更正")
    second = publisher.package(publisher.result(), corrected, revision=2)
    runner.run(SYSTEM, import_publication, second, publisher.trust)
    engine.dispose()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(browser: Browser, site: str) -> Iterator[Page]:
    context = browser.new_context(base_url=site, viewport={"width": 390, "height": 844})
    shown = context.new_page()
    complaints: list[str] = []
    shown.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    shown.on("pageerror", lambda error: complaints.append(str(error)))
    yield shown
    context.close()
    # A browser complains of the network that a test has cut.
    assert [text for text in complaints if "ERR_INTERNET_DISCONNECTED" not in text] == []


@pytest.fixture
def kept_page(site: str, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The verify page as downloaded, opened from the disk without any network."""
    online = browser.new_context(base_url=site)
    file = tmp_path / "kaoping-verify.html"
    file.write_bytes(online.request.get("/v/kaoping-verify.html").body())
    online.close()
    context = browser.new_context(offline=True)
    shown = context.new_page()
    shown.goto(file.as_uri())
    yield shown
    context.close()


def _verify(page: Page, transcript: str) -> None:
    page.goto("/v")
    page.goto(f"/v#{transcript}")


def _alter(transcript: str) -> str:
    """Change one character in the middle to another of the alphabet."""
    middle = len(transcript) // 2
    return transcript[:middle] + ("A" if transcript[middle] != "A" else "B") + transcript[middle + 1 :]


def test_a_candidate_looks_up_the_result_on_a_phone(page: Page) -> None:
    page.goto("/first-password")
    page.get_by_label("身份证号").fill(ID_NUMBER)
    page.get_by_label("激活码").fill("7K3D0-QWE12")
    page.get_by_label("新密码", exact=True).fill("红旗渠 1965")
    page.get_by_label("再输一次新密码").fill("红旗渠 1965")
    page.get_by_role("button", name="设置密码并查询").click()
    expect(page.get_by_role("heading", name="双 60 合格")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载电子成绩单").click()
    assert download.value.suggested_filename == "transcript-2027-02-000317-1.pdf"
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("name", ["张建国", "䶮㛃𬭎𫖯"], ids=["usual_name", "rare_name"])
def test_a_genuine_transcript_is_genuine(name: str, page: Page, publisher: Any) -> None:
    _verify(page, publisher.transcript(name=name))
    expect(page.get_by_role("heading", name="真实有效")).to_be_visible()
    expect(page.locator("#fact-name")).to_have_text(name)
    expect(page.locator("#fact-trade")).to_have_text("电工 06-008")
    expect(page.locator("#fact-know")).to_have_text("78.5 分")
    expect(page.locator("#fact-result")).to_have_text("✓ 双 60 合格")
    expect(page.locator("#fact-issued")).to_have_text("2027 年 9 月 30 日 · 第 1 版")


def test_a_browser_without_ed25519_comes_to_the_same_verdicts(page: Page, publisher: Any) -> None:
    page.add_init_script(WITHOUT_ED25519)
    _verify(page, publisher.transcript())
    expect(page.get_by_role("heading", name="真实有效")).to_be_visible()
    _verify(page, _alter(publisher.transcript()))
    expect(page.get_by_role("heading", name="无法确认")).to_be_visible()


def test_a_corrected_transcript_names_the_version_that_counts(page: Page, publisher: Any) -> None:
    _verify(page, publisher.transcript(ticket_no=TicketNo("2702030018")))
    expect(page.locator("#replaced")).to_contain_text("请以第 2 版为准")
    _verify(page, publisher.transcript(ticket_no=TicketNo("2702030018"), revision=2))
    expect(page.get_by_role("heading", name="真实有效")).to_be_visible()


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda ours, _theirs: _alter(ours), "内容被改动过"),
        (lambda _ours, theirs: theirs, "签发密钥不在名单里"),
        (lambda ours, _theirs: ours[:-40], "没有扫全|内容被改动过"),
        (lambda _ours, _theirs: "HELLO", "没有扫全"),
        (lambda _ours, _theirs: "%E0%A4%A", "没有扫全"),
    ],
    ids=["altered", "signed_by_another", "cut_off", "not_a_transcript", "broken_escape"],
)
def test_what_is_not_genuine_is_never_called_so(
    make: Callable[[str, str], str], reason: str, page: Page, publisher: Any, stranger: Any
) -> None:
    _verify(page, make(publisher.transcript(), stranger.transcript()))
    expect(page.get_by_role("heading", name="无法确认")).to_be_visible()
    expect(page.locator("#unsure")).to_contain_text("请不要使用")
    expect(page.locator("#reason")).to_have_text(re.compile(reason))
    expect(page.locator("#facts")).to_be_hidden()


def test_a_name_is_shown_as_text_whatever_it_holds(page: Page, publisher: Any) -> None:
    _verify(page, publisher.transcript(name="<b>张</b>"))
    expect(page.locator("#fact-name")).to_have_text("<b>张</b>")


def test_the_kept_file_verifies_without_a_network(kept_page: Page, publisher: Any) -> None:
    expect(kept_page.get_by_role("heading", name="请扫描成绩单")).to_be_visible()
    kept_page.get_by_label("二维码里的文字").fill(f"https://kaoping.example/v#{publisher.transcript()}")
    kept_page.get_by_role("button", name="核验这段文字").click()
    expect(kept_page.get_by_role("heading", name="真实有效")).to_be_visible()
    kept_page.get_by_role("button", name="再扫一张").click()
    kept_page.get_by_label("二维码里的文字").fill(_alter(publisher.transcript()))
    kept_page.get_by_role("button", name="核验这段文字").click()
    expect(kept_page.get_by_role("heading", name="无法确认")).to_be_visible()


def test_the_page_opens_again_without_a_network(page: Page, publisher: Any) -> None:
    page.goto("/v")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto(f"/v?again#{publisher.transcript()}")
    expect(page.get_by_role("heading", name="真实有效")).to_be_visible()
