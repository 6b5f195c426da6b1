"""Forks ``kaoping`` processes from one that has imported everything: forty imports would cost half a minute of CPU.

A demo on two cores starts thirteen zone servers, fourteen kiosk processes and the killed ones again. Each is a process
of its own, made by fork instead of a new interpreter; where there is no fork, ``processes`` starts interpreters.

The nursery reads one order per line (JSON: words, out, err, code) and answers with the process id. A process that ends
by itself writes its exit code into the file ``code``; one that is killed writes nothing.
"""

import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from gevent import monkey

_IMPORTED = (
    "exam_server.zone.cli",
    "exam_server.zone.folder",
    "exam_server.zone.serving",
    "exam_server.services.package_import",
    "kiosk_client.cli",
    "kiosk_client.robot",
    "rich.console",
)
_LOOK_AGAIN_S = 0.02
_KILLED = -int(signal.SIGTERM)


class ForkedProcess:
    """A process of the nursery, with the few methods of ``subprocess.Popen`` that a demo needs."""

    def __init__(self, pid: int, code: Path) -> None:
        self.pid = pid
        self._code = code

    def poll(self) -> int | None:
        """Return the exit code, or ``None`` while it runs."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return int(self._code.read_text()) if self._code.exists() else _KILLED
        return None

    def kill(self) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._signal(signal.SIGTERM)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises ``subprocess.TimeoutExpired``."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(_LOOK_AGAIN_S)
        return code

    def _signal(self, number: int) -> None:
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            return  # it has ended meanwhile


class Nursery:
    """The demo's end: gives orders, gets processes."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "-m", "exam_server.demo.nursery"]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment)  # noqa: S603 - our own words

    def start(self, words: Sequence[str], out: Path, err: Path) -> ForkedProcess:
        """Fork a process that runs this command; its output is appended to the two files."""
        code = out.with_suffix(".code")
        code.unlink(missing_ok=True)
        order = {"words": list(words), "out": str(out), "err": str(err), "code": str(code)}
        orders, replies = self._process.stdin, self._process.stdout
        if orders is None or replies is None:
            raise ValueError("a nursery has pipes")
        orders.write(json.dumps(order).encode() + b"\n")
        orders.flush()
        return ForkedProcess(int(replies.readline()), code)

    def close(self) -> None:
        """End the nursery; its processes go on until they are ended one by one."""
        self._process.communicate()


def main() -> None:
    """Import, then fork on every order until the demo closes the pipe."""
    monkey.patch_all()  # as each command does first of all, and no later than the imports below
    for name in _IMPORTED:
        importlib.import_module(name)
    gc.freeze()  # what all processes share is never written to by the collector
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for exit codes; they are written down
    fork = monkey.get_original("os", "fork")
    for line in sys.stdin:
        order = json.loads(line)
        pid = fork()
        if pid == 0:
            _become(order)
        print(pid, flush=True)  # noqa: T201 - the reply to the order


def _become(order: dict[str, str]) -> None:
    """Be the ordered process; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for stream, path in ((1, order["out"]), (2, order["err"])):
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(file, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    code = 1
    try:
        from exam_protocol import cli  # noqa: PLC0415 - not before the file descriptors are its own

        sys.argv = ["kaoping", *order["words"]]
        cli.main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - whatever ends a process is written to its log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        Path(order["code"]).write_text(str(code))
        os._exit(code)


if __name__ == "__main__":
    main()
