"""Each screen, in normal and high contrast: no WCAG 2.2 A/AA violation, no sideways scrolling at 1024×768."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from seat_in_browser import Seat

_SMALL = {"width": 1024, "height": 768}


def _at_sign_in(seat: Seat) -> None:
    seat.agent.opens()


def _at_wrong_digits(seat: Seat) -> None:
    seat.agent.opens(message={"what": "号码不对。", "do": "请核对身份证后再输一次；还不行请举手。"})


def _at_second_way(seat: Seat) -> None:
    seat.agent.opens(name=None, photo=None)


def _at_confirm(seat: Seat) -> None:
    seat.agent.opens()
    seat.agent.act("sign_in", {"id_number": "118X"})


def _at_waiting(seat: Seat) -> None:
    _at_confirm(seat)
    seat.agent.act("confirm", {})


def _at_item(n: int) -> Callable[[Seat], None]:
    def arrive(seat: Seat) -> None:
        seat.agent.answers(*range(1, 54))
        seat.agent.marks(2, 31)
        seat.agent.starts(45)
        seat.agent.shows(n)

    return arrive


def _at_last_minutes_unsaved(seat: Seat) -> None:
    _at_item(31)(seat)
    seat.agent.set_clock(86)
    seat.agent.saves("failed")


def _at_review(seat: Seat) -> None:
    _at_item(31)(seat)
    seat.agent.act("review", {})


def _at_ended(seat: Seat) -> None:
    _at_item(31)(seat)
    seat.agent.ends("receipt")


def _at_unsent(seat: Seat) -> None:
    seat.agent.saves("local", online=False)
    _at_ended(seat)


def _at_paused(seat: Seat) -> None:
    _at_item(31)(seat)
    seat.agent.pauses()


def _at_trouble(seat: Seat) -> None:
    seat.agent.breaks()


def _at_seat_unknown(seat: Seat) -> None:
    seat.agent.breaks("seat_unknown")


def _at_start(seat: Seat) -> None:
    seat.agent.saves("saved", online=False)


SCREENS = {
    "connecting": (_at_start, None),
    "seat unknown": (_at_seat_unknown, None),
    "sign-in": (_at_sign_in, None),
    "wrong digits": (_at_wrong_digits, None),
    "second way": (_at_second_way, None),
    "confirm": (_at_confirm, None),
    "waiting": (_at_waiting, "#read"),
    "single": (_at_item(2), None),
    "multiple": (_at_item(31), None),
    "true or false": (_at_item(46), None),
    "last minutes, unsaved": (_at_last_minutes_unsaved, None),
    "review": (_at_review, None),
    "first confirmation": (_at_item(31), "#hand-in"),
    "receipt": (_at_ended, None),
    "not yet at the zone": (_at_unsent, None),
    "paused": (_at_paused, None),
    "trouble": (_at_trouble, None),
}


@pytest.fixture
def small_seat(lasting_seat: Seat) -> Seat:
    lasting_seat.agent.begins_anew()
    lasting_seat.page.set_viewport_size(_SMALL)
    return lasting_seat


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_is_for_everybody(small_seat: Seat, name: str) -> None:
    arrive, press = SCREENS[name]
    arrive(small_seat)
    page = small_seat.open_once()
    expect(page.locator("html")).to_have_attribute("data-phase", str(small_seat.agent.state()["phase"]))
    if press:
        page.click(press)

    found = {}
    for size, contrast in ((1, False), (3, False), (3, True)):
        small_seat.agent.act("preferences", {"size": size, "contrast": contrast})
        expect(page.locator("html")).to_have_attribute("data-size", str(size))
        expect(page.locator("html")).to_have_attribute("data-contrast", "high" if contrast else "normal")
        found[size, contrast] = small_seat.sideways() + (small_seat.violations() if contrast or size == 1 else [])

    assert found == {(1, False): [], (3, False): [], (3, True): []}


def test_a_page_enlarged_twice_scrolls_down_and_not_sideways(lasting_seat: Seat) -> None:
    lasting_seat.agent.begins_anew()
    lasting_seat.page.set_viewport_size({"width": 512, "height": 384})
    lasting_seat.agent.starts(45)
    page = lasting_seat.open_once()

    assert lasting_seat.sideways() == []
    page.click("#option-D")
    expect(page.locator("#option-D")).to_be_checked()
