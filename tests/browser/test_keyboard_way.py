"""The whole way without a mouse, and what keys must not do."""

from playwright.sync_api import expect
from seat_in_browser import Seat


def test_a_candidate_needs_no_mouse(seat: Seat) -> None:
    seat.agent.opens()
    page = seat.open()

    expect(page.locator("#last4")).to_be_focused()
    page.keyboard.type("118x")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_focused()
    seat.tab_to("#confirm")
    page.keyboard.press("Enter")
    seat.tab_to("#read")
    page.keyboard.press("Enter")
    expect(page.locator(".read")).to_contain_text("准备好了，请安静等候。")
    seat.agent.starts(minutes_after_start=45)
    expect(page.locator("#heading")).to_contain_text("1. ")
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("3")
    page.keyboard.press("m")
    expect(page.get_by_label("第2题 已答 已标记 当前")).to_be_visible()
    seat.tab_to("#n-31")
    page.keyboard.press("Enter")
    page.keyboard.type("ace")
    expect(page.locator(".under")).to_contain_text("已选 3 项")
    seat.tab_to("#hand-in")
    page.keyboard.press("Enter")
    seat.tab_to("#hand-in-1")
    page.keyboard.press("Space")
    expect(page.locator("dialog h2")).to_have_text("最后确认：交卷后不能再改")
    expect(page.locator("dialog")).to_contain_text("按空格键选定")
    seat.wait_out_a_double_click()
    seat.tab_to("#hand-in-2")
    page.keyboard.press("Space")

    expect(page.locator("h1")).to_have_text("已交卷")
    assert [seat.agent.chosen(n) for n in (1, 2, 31)] == [["o1-1"], ["o2-2"], ["o31-0", "o31-2", "o31-4"]]


def test_enter_never_hands_in(seat: Seat) -> None:
    seat.agent.answers(1)
    page = seat.open_answering()

    page.click("#hand-in")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_hidden()
    page.click("#hand-in")
    seat.tab_to("#hand-in-1")
    page.keyboard.press("Enter")
    expect(page.locator("dialog h2")).to_have_text("现在交卷吗？")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()

    assert seat.agent.asked("hand_in") == []


def test_arrows_among_the_options_move_the_focus_and_never_the_answer(seat: Seat) -> None:
    page = seat.open_answering()
    page.click("#option-A")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#option-C")).to_be_focused()
    assert seat.agent.asked("answer") == [{"n": 1, "chosen": ("o1-0",)}]
    page.keyboard.press("Enter")

    expect(page.locator("#option-C")).to_be_checked()
    assert seat.agent.chosen(1) == ["o1-2"]


def test_letters_of_a_chinese_input_method_choose_too(seat: Seat) -> None:
    page = seat.open_answering()

    page.evaluate("document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'ｂ', bubbles: true}))")

    expect(page.locator("#option-B")).to_be_checked()


def test_single_keys_can_be_turned_off(seat: Seat) -> None:
    page = seat.open_answering()

    page.click("#keys")
    page.keyboard.press("a")
    page.keyboard.press("ArrowRight")

    expect(page.get_by_label("第2题 未答 当前")).to_be_visible()
    assert seat.agent.asked("answer") == []


def test_plus_and_minus_set_the_type_size_and_the_agent_keeps_it(seat: Seat) -> None:
    page = seat.open_answering()

    page.keyboard.press("+")
    page.keyboard.press("+")
    page.click("#contrast")
    page.reload()

    expect(page.locator("html")).to_have_attribute("data-size", "3")
    expect(page.locator("html")).to_have_attribute("data-contrast", "high")
    expect(page.locator(".option .text").first).to_have_css("font-size", "33px")


def test_keys_typed_faster_than_the_agent_keeps_arrive_one_by_one_at_the_right_items(seat: Seat) -> None:
    page = seat.open_answering()

    with seat.agent.slow(0.04):
        for key in ("a", "ArrowRight", "b", "ArrowRight", "c", "m", "ArrowLeft", "d", "m"):
            page.keyboard.press(key)
        expect(page.get_by_label("第2题 已答 已标记 当前")).to_be_visible()

    assert [seat.agent.chosen(n) for n in (1, 2, 3)] == [["o1-0"], ["o2-3"], ["o3-2"]]
    assert seat.agent.marked() == {2, 3}
    assert seat.agent.most_in_flight == 1


def test_the_browsers_own_menu_and_clipboard_are_shut(seat: Seat) -> None:
    page = seat.open_answering()

    cancelled = page.evaluate(
        """() => ['contextmenu', 'copy', 'cut', 'paste', 'dragstart', 'drop']
        .map(name => new Event(name, {bubbles: true, cancelable: true}))
        .every(event => !document.querySelector('.stem').dispatchEvent(event))"""
    )

    assert cancelled
    assert page.evaluate("getComputedStyle(document.body).userSelect") == "none"
    page.emulate_media(media="print")
    expect(page.locator("main")).to_be_hidden()
