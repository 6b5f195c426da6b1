"""One browser for all tests of the page, one fresh seat for each."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from seat_in_browser import Seat, ServedPage
from simulated_agent import SimulatedAgent

from kiosk_client.browser import BrowserNotFoundError, find_browser

_HERE = Path(__file__).parent
_WIDE = {"width": 1366, "height": 768}
# A refusal is an answer like any other; the browser logs it as a failed request all the same.
_EXPECTED_LINES = ("status of 409", "status of 403", "net::ERR_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    try:
        path = find_browser()
    except BrowserNotFoundError as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))
    # Chromium refuses to run as root with its sandbox.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    launched = playwright.chromium.launch(executable_path=path, args=arguments)
    yield launched
    launched.close()


@pytest.fixture
def seat(browser: Browser) -> Iterator[Seat]:
    agent = SimulatedAgent()
    served = ServedPage(agent)
    context = browser.new_context(viewport=_WIDE, locale="zh-CN")
    context.set_default_timeout(10_000)
    page = context.new_page()
    seat = Seat(agent, page, served)
    page.on("pageerror", lambda error: seat.problems.append(str(error)))
    page.on("console", lambda line: seat.problems.append(line.text) if line.type in ("error", "warning") else None)
    yield seat
    context.close()
    served.stop()
    assert [line for line in seat.problems if not any(words in line for words in _EXPECTED_LINES)] == []
