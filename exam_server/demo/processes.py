"""Child processes of a demo: started with their own log, waited for, killed on purpose, and never left behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from exam_protocol.errors import KaopingError
from exam_server.demo.nursery import ForkedProcess, Nursery

_LOOK_AGAIN_S = 0.05


class ProcessFailedError(KaopingError):
    """A process of the demo ended with an error or did not get ready in time."""


class Launcher:
    """Starts commands: forked from a nursery where there is fork, else as new interpreters."""

    def __init__(self) -> None:
        self._environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        self._environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiling every module anew takes minutes
        self._nursery = Nursery(self._environment) if hasattr(os, "fork") else None

    def start(self, words: Sequence[str], out: Path, err: Path) -> "ForkedProcess | subprocess.Popen[bytes]":
        """Start one ``kaoping`` command whose output is appended to the two files."""
        if self._nursery is not None:
            return self._nursery.start(words, out, err)
        with out.open("ab") as output, err.open("ab") as errors:
            command = [sys.executable, "-m", "exam_protocol.cli", *words]
            return subprocess.Popen(  # noqa: S603 - our own words
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, env=self._environment
            )

    def close(self) -> None:
        """Start nothing more."""
        if self._nursery is not None:
            self._nursery.close()


class Child:
    """One ``kaoping`` command in its own process; its output goes to ``<log>.out`` and ``<log>.err``."""

    def __init__(self, launcher: Launcher, words: Sequence[str], log: Path) -> None:
        self.words = tuple(words)
        self._launcher = launcher
        self._out, self._err = log.with_suffix(".out"), log.with_suffix(".err")
        self._out.parent.mkdir(parents=True, exist_ok=True)
        for log_file in (self._out, self._err):
            log_file.touch()  # it may be read before the process has come so far
        self._process = launcher.start(self.words, self._out, self._err)

    @property
    def pid(self) -> int:
        """The id of the process that runs it now."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it as a power cut would: SIGKILL, no farewell."""
        self._process.kill()
        self._process.wait()

    def start_again(self) -> None:
        """Run the same command once more."""
        self._process = self._launcher.start(self.words, self._out, self._err)

    def stop(self, patience_s: float = 10.0) -> None:
        """Ask it to end, and kill it when it does not."""
        if self.is_running:
            self._process.terminate()
            try:
                self._process.wait(patience_s)
            except subprocess.TimeoutExpired:
                self.kill()

    def wait(self, until: float) -> None:
        """Wait for its end until this moment (``time.monotonic``). Raises ``ProcessFailedError``."""
        try:
            code = self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired as late:
            raise self._failed("没有按时结束") from late
        if code:
            raise self._failed(f"以退出码 {code} 结束")

    def check(self) -> None:
        """Raise ``ProcessFailedError`` when it has ended although it should run."""
        if not self.is_running:
            raise self._failed("意外结束")

    def output(self) -> str:
        """Return what it has printed so far."""
        return self._out.read_text(encoding="utf-8")

    def last_json(self) -> dict[str, Any]:
        """Return the last line of its output as JSON."""
        line = self.output().strip().rpartition("\n")[2]
        result: dict[str, Any] = json.loads(line)
        return result

    def _failed(self, how: str) -> ProcessFailedError:
        tail = self._err.read_text(encoding="utf-8", errors="replace").strip()[-600:]
        return ProcessFailedError(f"进程“kaoping {' '.join(self.words[:2])}”{how}：{tail}", f"完整日志见 {self._err}。")


class Children:
    """All processes of a demo; leaving the ``with`` block ends every one of them."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        self._all: list[Child] = []
        self._launcher = Launcher()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in reversed(self._all):
            child.stop()
        self._launcher.close()

    def start(self, name: str, *words: str) -> Child:
        """Start a command; ``name`` names its log."""
        child = Child(self._launcher, words, self._logs / name)
        self._all.append(child)
        return child


def wait_for(condition: Callable[[], bool], until: float, what: str) -> None:
    """Look again until a condition holds. Raises ``ProcessFailedError`` at the moment ``until``."""
    while not condition():
        if time.monotonic() > until:
            raise ProcessFailedError(f"等待“{what}”超时。", "请查看日志；机器太忙时请稍后再试。")
        time.sleep(_LOOK_AGAIN_S)
