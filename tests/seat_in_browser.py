"""A seat that a test can sit at: the simulated agent, the real page server, and a page in this machine's browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import gevent
from playwright.sync_api import ConsoleMessage, Error, Page
from simulated_agent import SimulatedAgent

from kiosk_client.page_server import PageServer

AXE = Path(__file__).parent / "browser" / "vendor" / "axe.min.js"
_WIDE = {"width": 1366, "height": 768}
# A refusal is an answer like any other; the browser logs it as a failed request all the same.
_EXPECTED_LINES = ("status of 409", "status of 403", "net::ERR_")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class ServedPage:
    """The page's server in a thread with an event loop of its own, as the agent's process has one."""

    def __init__(self, agent: SimulatedAgent) -> None:
        self._agent = agent
        self._is_up = threading.Event()
        self._is_over = threading.Event()
        self._server: PageServer | None = None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        self._is_up.wait(10)

    def _run(self) -> None:
        self._server = PageServer(self._agent)
        self._server.start()
        self._is_up.set()
        while not self._is_over.is_set():
            gevent.sleep(0.02)
        self._server.stop()
        gevent.get_hub().destroy(destroy_loop=True)

    def new_address(self) -> str:
        assert self._server is not None
        return self._server.new_start_address()

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join(10)


@dataclass
class Seat:
    """What a test has in its hands. ``problems`` are the page's own errors; there must be none at the end."""

    agent: SimulatedAgent
    page: Page
    served: ServedPage
    problems: list[str] = field(default_factory=list)

    def open(self) -> Page:
        """Open the page as the agent's start address does."""
        self.page.goto(self.served.new_address())
        return self.page

    def open_once(self) -> Page:
        """Open the page unless it is open already."""
        return self.page if self.page.url.startswith("http") else self.open()

    def open_answering(self, minutes_after_start: float = 45) -> Page:
        """Open the page in the middle of answering."""
        self.agent.starts(minutes_after_start)
        page = self.open()
        page.wait_for_selector(".option")
        return page

    def wait_out_a_double_click(self) -> None:
        """As long as the page takes a press for the second half of a double click."""
        self.page.wait_for_timeout(650)

    def tab_to(self, selector: str) -> None:
        """Press Tab until the focus is there."""
        for _ in range(90):
            if self.page.evaluate("one => document.activeElement === document.querySelector(one)", selector):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(selector)

    def violations(self) -> list[str]:
        """What axe-core finds against WCAG 2.2 level A and AA, in words."""
        if not self.page.evaluate("typeof axe === 'object'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("rules => axe.run(document, {resultTypes: ['violations'], runOnly: rules})", _RULES)
        assert found["passes"], "axe-core looked at nothing"
        return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]

    def sideways(self) -> list[str]:
        """Everything that can be scrolled sideways."""
        found = self.page.evaluate(
            """() => [...document.querySelectorAll('html, main, section, nav, header, footer, dialog')]
            .filter(each => each.scrollWidth > each.clientWidth + 1)
            .map(each => `${each.tagName}.${each.className} ${each.scrollWidth} > ${each.clientWidth}`)"""
        )
        return [str(each) for each in found]


@contextmanager
def seat_at(page: Page) -> Iterator[Seat]:
    """Serve a fresh seat for this tab; at the end the page must not have had an error of its own."""
    agent = SimulatedAgent()
    seat = Seat(agent, page, ServedPage(agent))

    def on_error(error: Error) -> None:
        seat.problems.append(str(error))

    def on_line(line: ConsoleMessage) -> None:
        if line.type in ("error", "warning") and not any(words in line.text for words in _EXPECTED_LINES):
            seat.problems.append(line.text)

    page.set_viewport_size(_WIDE)
    page.on("pageerror", on_error)
    page.on("console", on_line)
    yield seat
    page.remove_listener("pageerror", on_error)
    page.remove_listener("console", on_line)
    page.emulate_media(media="screen")
    page.goto("about:blank")
    page.context.clear_cookies()
    seat.served.stop()
    assert seat.problems == []
