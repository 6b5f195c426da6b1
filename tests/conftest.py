"""What holds for all tests: one browser, laws that a busy machine cannot refute, databases only where one is given."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from kiosk_client.browser import find_browser

settings.register_profile("kaoping", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("kaoping")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked ``postgres`` to ``make databases``, which gives them a server of their own."""
    if "KAOPING_POSTGRES" in os.environ:
        return
    for_databases = [item for item in items if item.get_closest_marker("postgres")]
    if for_databases:
        config.hook.pytest_deselected(items=for_databases)
        items[:] = [item for item in items if item not in for_databases]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the browser that is installed, once: a process can run Playwright only once at a time."""
    # Chromium refuses to run as root with its sandbox.
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=arguments)
        yield launched
        launched.close()
