"""The proctor's page in a real browser, over a real zone with real kiosks."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from seat_in_browser import AXE
from wire_zone import WireKiosk, ZoneProcess, run_zone

from exam_protocol.messages import Heartbeat, TimeChanged, read

PASSWORD = "春天的石家庄很美2026"


@pytest.fixture
def problems() -> list[str]:
    return []


@pytest.fixture
def console(site: ZoneProcess, browser: Browser, problems: list[str], tmp_path: Path) -> Iterator[Page]:
    """A chief's page, signed in, of a room with nobody in it yet."""
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    words = ("--shown", "李敏华", "--role", "chief", "--role", "invigilator", "--password-file", tmp_path / "password")
    run_zone("add-staff", *site.at, "li", *words)
    site.serve()
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda line: problems.append(line.text) if line.type in ("error", "warning") else None)
    page.goto(site.url)
    page.get_by_label("账号").fill("li")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.locator(".tile")).to_have_count(8)
    yield page
    context.close()


@pytest.fixture
def answering(site: ZoneProcess, console: Page) -> Iterator[WireKiosk]:
    """A candidate at seat 1 who has answered two items."""
    del console  # only so that the site serves
    kiosk = WireKiosk(site, 1).connect().come_in()
    site.release()
    kiosk.wait_push("paper_released")
    for item in ("i1", "i2"):
        entry = kiosk.next_answer(item)
        kiosk.append(entry)
        kiosk.ask(entry)
    assert kiosk.signed_in is not None
    kiosk.ask(Heartbeat(kiosk.device, kiosk.signed_in.attempt, 2, 0, 2, 7, 0, 0))  # type: ignore[arg-type]  # a time
    yield kiosk
    kiosk.close()


def tile(seat: int) -> str:
    return f".tile[data-seat='{seat}']"


def test_the_seat_map_shows_who_answers_and_the_sums_balance(console: Page, answering: WireKiosk) -> None:
    expect(console.locator(tile(1))).to_contain_text("作答 2/7")
    expect(console.locator("#sums")).to_have_text("6应考＝1实考＋0缺考＋5未到0已交卷")
    assert answering.client.connected


def test_extending_shows_at_once_on_the_tile_and_at_the_kiosk(
    console: Page, answering: WireKiosk, problems: list[str]
) -> None:
    console.locator(tile(1)).click()
    console.get_by_role("button", name="延时 增加作答时间").click()
    console.get_by_label("分钟").fill("10")
    console.get_by_label("原因").fill("鼠标故障更换")
    console.get_by_role("button", name="确定").click()
    expect(console.locator("#said")).to_have_text("已为 1 名考生补时 10 分。")
    expect(console.locator(tile(1))).to_contain_text("延时 +10")
    assert read(answering.wait_push("time_changed"), TimeChanged).seconds == 600
    assert problems == []


def test_collecting_asks_for_a_reason_and_tells_the_kiosk(console: Page, answering: WireKiosk) -> None:
    console.locator(tile(1)).click()
    console.get_by_role("button", name="强制收卷").click()
    console.get_by_role("button", name="确定").click()
    expect(console.locator("#said")).to_contain_text("没有写原因")
    console.get_by_label("原因").fill("身体不适离场")
    console.get_by_role("button", name="确定").click()
    answering.wait_push("collect_now")
    closing = answering.next_hand_in()
    answering.ask(
        type(closing)(closing.attempt, closing.epoch, closing.seq, "collected", 2, 0, closing.t_wall, closing.prev)
    )
    expect(console.locator(tile(1))).to_contain_text("已收卷")


def test_an_act_that_is_not_possible_says_why(console: Page, answering: WireKiosk) -> None:
    del answering
    console.locator(tile(1)).click()
    absent = console.get_by_role("button", name="确认缺考")
    expect(absent).to_be_disabled()
    expect(absent).to_contain_text("只对未到考生")


def test_after_a_kill_of_the_zone_the_page_comes_back_by_itself(
    site: ZoneProcess, console: Page, answering: WireKiosk
) -> None:
    site.kill()
    expect(console.locator("#line")).to_contain_text("正在重连")
    site.serve()
    expect(console.locator("#line")).to_have_text("考区服务器正常")
    expect(console.locator(tile(1))).to_contain_text("作答 2/")
    assert answering.device == "wire-1"


def test_the_page_has_no_accessibility_fault_that_axe_can_find(
    site: ZoneProcess, console: Page, answering: WireKiosk, browser: Browser
) -> None:
    del answering
    context = browser.new_context(bypass_csp=True, storage_state=console.context.storage_state())
    page = context.new_page()
    page.goto(f"{site.url}/rooms/01")
    page.locator(tile(1)).click()
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    context.close()
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found["violations"]] == []
