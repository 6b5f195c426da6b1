"""Saving, time, pause, collection and trouble: what the candidate is told, in words, in its fixed place."""

import pytest
from playwright.sync_api import Browser, expect
from seat_in_browser import Seat


@pytest.mark.parametrize(
    ("where", "online", "words"),
    [
        ("saved", True, "● 已保存"),
        ("saved", False, "● 已保存。网络断开，可继续作答"),
        ("local", False, "● 已保存在本机，网络恢复后自动上传"),
        ("failed", True, "▲ 未能保存，请举手"),
    ],
)
def test_where_the_answers_are_is_said_in_words(seat: Seat, where: str, online: bool, words: str) -> None:  # noqa: FBT001 - a table of cases
    seat.agent.saves(where, online=online)
    page = seat.open_answering()

    expect(page.locator(".saving")).to_have_text(words)


def test_an_answer_on_its_way_to_the_zone_alarms_nobody(seat: Seat) -> None:
    seat.agent.saves("local", online=True)
    page = seat.open_answering()

    expect(page.locator(".saving")).to_have_text("● 已保存")


def test_when_the_agent_is_gone_the_bar_says_so_and_stays(seat: Seat) -> None:
    page = seat.open_answering()

    seat.served.stop()
    page.click("#option-B")

    expect(page.locator("footer.is-stop .saving")).to_have_text("▲ 未能保存，请举手")
    seat.problems.clear()  # the browser's own lines about the connections that broke off


@pytest.mark.parametrize("minutes_left", [10, 5])
def test_a_reminder_comes_at_ten_and_at_five_minutes(seat: Seat, minutes_left: int) -> None:
    page = seat.open_answering(minutes_after_start=70)

    seat.agent.set_clock(90 - minutes_left)

    expect(page.locator(".notice")).to_have_text(f"还有 {minutes_left} 分钟，请检查未答的题。到时间自动收卷。")
    expect(page.locator(".clock")).to_contain_text(f"不足 {minutes_left} 分")


def test_given_time_shows_at_once(seat: Seat) -> None:
    page = seat.open_answering(minutes_after_start=30.02)
    expect(page.locator(".clock")).to_contain_text("59:5")

    seat.agent.extends(10)

    expect(page.locator(".notice")).to_have_text("考试时间延长 10 分钟，到 10:40 结束。")
    expect(page.locator(".clock")).to_contain_text("69:5")


def test_the_clock_is_the_zones_and_not_the_machines(seat: Seat, browser: Browser) -> None:
    seat.agent.opens()
    seat.agent.set_clock(-7)
    with browser.new_context(timezone_id="America/New_York") as elsewhere:
        page = elsewhere.new_page()
        page.clock.set_fixed_time("2001-01-01T00:00:00Z")
        page.goto(seat.served.new_address())

        expect(page.locator(".clock b")).to_contain_text("08:53:0")


def test_a_pause_hides_the_item_and_an_open_dialog(seat: Seat) -> None:
    seat.agent.answers(1)
    page = seat.open_answering()
    page.click("#hand-in")

    seat.agent.pauses()

    expect(page.locator("h1")).to_have_text("考试已暂停")
    expect(page.locator("main")).to_contain_text("时间已停止计时")
    expect(page.locator(".option")).to_have_count(0)
    expect(page.locator("dialog")).to_be_hidden()


def test_collection_asks_nothing_and_shows_the_receipt(seat: Seat) -> None:
    seat.agent.answers(1, 2, 3)
    page = seat.open_answering()

    seat.agent.collects()

    expect(page.locator("h1")).to_have_text("已收卷")
    expect(page.locator(".note")).to_contain_text("请举手，先不要离开")


def test_a_paper_that_has_not_reached_the_zone_is_not_called_handed_in(seat: Seat) -> None:
    page = seat.open_answering()

    seat.agent.saves("local", online=False)
    seat.agent.ends("receipt")

    expect(page.locator("h1")).to_have_text("正在交卷")
    expect(page.locator(".side h2")).to_have_text("本机封存码（还没有送到考区）")


def test_the_browser_that_was_opened_last_alone_can_answer(seat: Seat, browser: Browser) -> None:
    page = seat.open_answering()

    with browser.new_context() as later:
        newer = later.new_page()
        newer.goto(seat.served.new_address())
        expect(newer.locator(".option")).to_have_count(4)
        page.click("#option-A")

        expect(page.locator("main")).to_contain_text("这个窗口已停用。")
    assert seat.agent.asked("answer") == []
