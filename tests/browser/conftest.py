"""One fresh seat for each test, in the one browser of ``tests/conftest.py``."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from seat_in_browser import Seat, seat_at

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all tests: each seat has a port, therefore an origin, of its own."""
    context = browser.new_context(locale="zh-CN")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def seat(tab: Page) -> Iterator[Seat]:
    with seat_at(tab) as seat:
        yield seat


@pytest.fixture(scope="module")
def lasting_seat(tab: Page) -> Iterator[Seat]:
    """A seat that stays open from test to test; ``agent.begins_anew()`` brings it back to its beginning."""
    with seat_at(tab) as seat:
        yield seat
