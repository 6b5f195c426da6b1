"""Which browser is taken, how it is started, and what a person reads when there is none."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kiosk_client.browser import BrowserNotFoundError, NoDisplayError, browser_arguments, check_display, find_browser

WINDOWS = {"PROGRAMFILES": r"C:\Program Files", "PROGRAMFILES(X86)": r"C:\Program Files (x86)"}


def find(platform: str, *there: str, environment: Mapping[str, str] | None = None) -> str:
    commands = {Path(path).name: path for path in there}
    return find_browser(platform, environment or {}, commands.get, there.__contains__)


def test_on_linux_chromium_comes_before_chrome_and_edge() -> None:
    assert find("linux", "/usr/bin/microsoft-edge", "/usr/bin/chromium") == "/usr/bin/chromium"


def test_the_browser_of_uos_is_good_too() -> None:
    assert find("linux", "/usr/bin/uos-browser") == "/usr/bin/uos-browser"


@pytest.mark.parametrize(
    "path",
    [
        r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
        r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    ],
)
def test_on_windows_the_usual_folders_are_searched(path: str) -> None:
    assert find("win32", path, environment=WINDOWS) == path


def test_without_a_browser_a_person_is_told_what_to_install() -> None:
    with pytest.raises(BrowserNotFoundError, match=r"没有找到可用的浏览器.*apt install chromium"):
        find("linux")


def test_without_a_desktop_a_person_is_told_so() -> None:
    with pytest.raises(NoDisplayError, match="没有图形桌面"):
        check_display("linux", {})
    check_display("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    check_display("win32", {})


def test_the_page_opens_in_a_window_without_an_address_bar_and_with_a_fresh_profile(tmp_path: Path) -> None:
    arguments = browser_arguments("http://127.0.0.1:1/start?t=x", tmp_path, kiosk=False, platform="linux")

    assert "--app=http://127.0.0.1:1/start?t=x" in arguments
    assert f"--user-data-dir={tmp_path}" in arguments
    assert "--kiosk" not in arguments
    assert "--no-sandbox" not in arguments


def test_on_an_exam_machine_the_page_fills_the_screen(tmp_path: Path) -> None:
    assert "--kiosk" in browser_arguments("http://127.0.0.1:1/", tmp_path, kiosk=True)


@pytest.mark.parametrize(("platform", "expected"), [("linux", True), ("win32", False)])
def test_the_sandbox_is_left_out_only_for_root_on_linux(tmp_path: Path, platform: str, *, expected: bool) -> None:
    arguments = browser_arguments("http://127.0.0.1:1/", tmp_path, kiosk=True, platform=platform, is_root=True)

    assert ("--no-sandbox" in arguments) is expected
