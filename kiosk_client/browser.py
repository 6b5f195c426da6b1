"""Finds the browser that is already on the machine and opens the candidate's page in it.

Lock-down beyond the kiosk window (policies, keyboard hooks, restart when closed) is not this module's business.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from exam_protocol.errors import KaopingError

# In this order: a machine with several keeps the one that updates least on its own.
COMMANDS = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "microsoft-edge-stable",
    "microsoft-edge",
    "uos-browser-stable",
    "uos-browser",
    "browser",  # UOS names its own browser so
    "qaxbrowser-safe-stable",  # Kylin
)
_WINDOWS_FOLDERS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
_WINDOWS_PATHS = (
    r"Microsoft\Edge\Application\msedge.exe",
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
)
_MAC_PATHS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_FLAGS = (
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-pinch",
    "--disable-translate",
    "--password-store=basic",
    "--overscroll-history-navigation=0",
    "--hide-crash-restore-bubble",
    "--lang=zh-CN",
)


class BrowserNotFoundError(KaopingError):
    """No Chromium, Chrome or Edge on this machine."""


class NoDisplayError(KaopingError):
    """No graphical desktop to open a window on."""


def find_browser(
    platform: str = sys.platform,
    environment: Mapping[str, str] = os.environ,
    which: Callable[[str], str | None] = shutil.which,
    exists: Callable[[str], bool] = os.path.isfile,
) -> str:
    """Return the path of the browser to use. Raises ``BrowserNotFoundError``."""
    places: list[str] = []
    if platform == "win32":
        folders = [environment[name] for name in _WINDOWS_FOLDERS if environment.get(name)]
        places = [f"{folder}\\{path}" for path in _WINDOWS_PATHS for folder in folders]
    elif platform == "darwin":
        places = list(_MAC_PATHS)
    found = next((place for place in places if exists(place)), None)
    found = found or next((path for command in COMMANDS if (path := which(command))), None)
    if found is None:
        raise BrowserNotFoundError(
            "本机没有找到可用的浏览器（Chromium、Chrome 或 Edge）。",
            "请安装其中一种后重试；Debian 上可以执行：apt install chromium。",
        )
    return found


def browser_arguments(
    address: str, profile: Path, *, kiosk: bool, platform: str = sys.platform, is_root: bool = False
) -> list[str]:
    """Return the command line after the browser's own path.

    ``profile`` is a fresh folder, so that nothing of an earlier candidate is left. ``kiosk`` fills the screen;
    without it the page opens in a window of its own, as the demo wants it.
    """
    arguments = [*_FLAGS, f"--user-data-dir={profile}", f"--app={address}"]
    arguments += ["--kiosk"] if kiosk else ["--window-size=1366,820"]
    if is_root and platform.startswith("linux"):
        # Chromium refuses to start as root with its sandbox. Exam machines run the browser as a common user.
        arguments.append("--no-sandbox")
    return arguments


def check_display(platform: str = sys.platform, environment: Mapping[str, str] = os.environ) -> None:
    """Raise ``NoDisplayError`` on a Linux machine without a desktop."""
    if platform.startswith("linux") and not (environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY")):
        raise NoDisplayError("本机没有图形桌面，打不开考试窗口。", "请在桌面环境中运行，或用浏览器打开上面的地址。")


def start_browser(address: str, profile: Path, *, kiosk: bool) -> subprocess.Popen[bytes]:
    """Open the page and return the browser's process. Raises ``BrowserNotFoundError`` or ``NoDisplayError``."""
    path = find_browser()
    check_display()
    profile.mkdir(parents=True, exist_ok=True)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    command = [path, *browser_arguments(address, profile, kiosk=kiosk, is_root=is_root)]
    # The command is a browser found above with our own flags; nothing of it comes from a candidate.
    return subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
