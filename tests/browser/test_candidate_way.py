"""A candidate's whole way by the mouse: sign in, answer every type of item, confirm twice, hold the receipt."""

import re

from playwright.sync_api import expect
from seat_in_browser import Seat


def test_a_candidate_goes_from_the_sign_in_to_the_receipt(seat: Seat) -> None:
    seat.agent.opens()
    page = seat.open()

    for key in "118X":
        page.click(f"#key-{key}")
    page.click("#sign-in")
    expect(page.locator("h1")).to_have_text("请核对：这是您本人吗？")
    page.click("#confirm")
    page.click("#read")
    expect(page.locator(".read")).to_contain_text("准备好了，请安静等候。")
    seat.agent.starts(minutes_after_start=45)
    page.click(".option:has-text('切断被测电路的电源')")
    page.click("#mark")
    page.click("#n-31")
    page.click("#option-A")
    page.click("#option-D")
    expect(page.locator(".under")).to_contain_text("已选 2 项")
    page.click("#n-46")
    page.click(".option:has-text('错误')")
    expect(page.get_by_label("第46题 已答 当前")).to_be_visible()
    expect(page.get_by_label("第1题 已答 已标记")).to_be_visible()
    page.click("#hand-in")
    expect(page.locator("#return")).to_be_focused()
    expect(page.locator("dialog")).to_contain_text("52题未答")
    page.click("#hand-in-1")
    expect(page.locator("dialog h2")).to_have_text("最后确认：交卷后不能再改")
    seat.wait_out_a_double_click()
    page.click("#hand-in-2")

    expect(page.locator("h1")).to_have_text("已交卷")
    expect(page.locator(".counts")).to_have_text(re.compile("55.*3.*52"))
    expect(page.locator(".code")).to_have_text("7K3MQ9TD2XHW8FRC")
    expect(page.get_by_alt_text("回执二维码")).to_be_visible()
    assert [seat.agent.chosen(n) for n in (1, 31, 46)] == [["o1-0"], ["o31-0", "o31-3"], ["o46-1"]]
    assert seat.agent.asked("hand_in") == [{"confirmed": 1}, {"confirmed": 2}]


def test_a_candidate_can_sign_in_by_ticket_and_whole_id_number(seat: Seat) -> None:
    seat.agent.opens()
    page = seat.open()

    page.click("#other-way")
    page.fill("#ticket", "２６０２０１０１１７")
    page.fill("#id", "990101 19700101 118ｘ")
    page.click("#sign-in")

    expect(page.locator("h1")).to_have_text("请核对：这是您本人吗？")
    assert seat.agent.asked("sign_in") == [{"id_number": "99010119700101118X", "ticket_no": "2602010117"}]


def test_a_spare_seat_asks_for_ticket_and_id_number_at_once(seat: Seat) -> None:
    seat.agent.opens(name=None, photo=None)
    page = seat.open()

    expect(page.locator("h1")).to_have_text("用准考证号登录")
    expect(page.locator("#ticket")).to_be_focused()
    expect(page.locator("#other-way")).to_have_count(0)


def test_wrong_digits_are_told_in_words_and_can_be_mended(seat: Seat) -> None:
    seat.agent.opens()
    page = seat.open()

    for key in "1181":
        page.click(f"#key-{key}")
    page.click("#sign-in")
    expect(page.get_by_role("alert")).to_contain_text("号码不对。 请核对身份证后再输一次")
    page.click("#erase")
    expect(page.locator(".missing")).to_have_text("还差 1 位")
    page.click("#key-X")
    page.click("#sign-in")

    expect(page.locator("h1")).to_have_text("请核对：这是您本人吗？")


def test_a_candidate_who_is_not_the_one_shown_goes_back_and_is_told_to_raise_a_hand(seat: Seat) -> None:
    seat.agent.opens()
    page = seat.open()
    expect(page.locator("#last4")).to_be_focused()
    page.keyboard.type("118x")
    page.keyboard.press("Enter")

    page.click("#not-me")

    expect(page.get_by_role("alert")).to_contain_text("请举手，请监考员核对座位和准考证。")
    expect(page.locator(".missing")).to_have_text("还差 4 位")


def test_unanswered_and_marked_items_are_listed_and_lead_back(seat: Seat) -> None:
    seat.agent.answers(*range(1, 54))
    seat.agent.marks(17, 34)
    page = seat.open_answering()

    page.click("#review")
    expect(page.locator(".review")).to_contain_text("共 55 题 ＝ 已答 53 ＋ 未答 2")
    page.click("#hand-in")
    expect(page.locator("dialog .is-missing .number")).to_have_text(["54", "55"])
    expect(page.locator("dialog .is-flagged .number")).to_have_text(["17", "34"])
    page.click("dialog .is-missing >> text=55")

    expect(page.get_by_label("第55题 未答 当前")).to_be_visible()
    expect(page.locator("dialog")).to_be_hidden()


def test_nothing_is_handed_in_when_nothing_is_answered(seat: Seat) -> None:
    page = seat.open_answering()

    page.click("#hand-in")

    expect(page.locator("dialog")).to_contain_text("您还一题都没有答，不能交卷。")
    expect(page.locator("dialog button")).to_have_text(["返回答题"])
    assert seat.agent.asked("hand_in") == []


def test_before_the_earliest_time_the_button_says_from_when(seat: Seat) -> None:
    seat.agent.answers(1)
    page = seat.open_answering(minutes_after_start=3)

    expect(page.locator("#hand-in")).to_have_text("交卷09:30 起")
    page.locator("#hand-in").dispatch_event("click")

    expect(page.locator(".notice")).to_have_text("09:30 以后才能交卷。")
    expect(page.locator("dialog")).to_be_hidden()


def test_a_double_click_confirms_once_only(seat: Seat) -> None:
    seat.agent.answers(1)
    page = seat.open_answering()

    page.click("#hand-in")
    page.click("#hand-in-1")
    page.click("#hand-in-2")

    expect(page.locator("dialog h2")).to_have_text("最后确认：交卷后不能再改")
    assert seat.agent.asked("hand_in") == [{"confirmed": 1}]


def test_a_choice_can_be_changed_and_cleared(seat: Seat) -> None:
    page = seat.open_answering()

    page.click("#option-A")
    page.click("#option-C")
    page.click("#clear")

    expect(page.locator(".under")).to_contain_text("还没有作答")
    expect(page.get_by_label("第1题 未答 当前")).to_be_visible()
    assert [asked["chosen"] for asked in seat.agent.asked("answer")] == [("o1-0",), ("o1-2",), ()]
