"""The zone's one writer: a native thread that commits answers in groups and runs services whole, one after another.

An answer is acknowledged only after the commit that holds it (SECURITY §7 P2). Up to 200 answers share one commit, so
that the disk is asked once for all of them; between two groups at most one service runs, and the other way round.
Nothing in the thread logs or shares a patched lock with the hub (REALTIME pitfall 8). What fails there is handed back,
not raised: gevent's pool would print it, and where the log shares a full disk the print fails and the thread with it.
"""

from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import gevent
from gevent.event import AsyncResult, Event
from gevent.threadpool import ThreadPool

from exam_server.services.answering import Arrival, Verdict

MAX_GROUP = 200
_GATHER_S = 0.005
"""How long the first answer of a group waits for others: a commit costs more than three answers more in it."""


class Writer:
    """Takes services (``run``) and answers (``save``); both block the calling greenlet, never the hub.

    ``commit_group`` writes a group of answers in one transaction and returns a verdict for each; when it raises, none
    of the group is kept and each waiting greenlet gets the error.
    """

    def __init__(self, commit_group: Callable[[Sequence[Arrival]], list[Verdict]]) -> None:
        self._pool = ThreadPool(1)
        self._commit_group = commit_group
        self._queue: deque[tuple[Arrival, AsyncResult]] = deque()
        self._has_work = Event()
        self._is_closing = False
        self._committer = gevent.spawn(self._commit_for_ever)

    def run(self, service: Callable[[], Any]) -> Any:  # noqa: ANN401 - returns what the service returns
        """Run a service in the writer thread; returns or raises what it does."""
        result, failed = self._pool.apply(_handing_back, (service,))
        if failed is not None:
            raise failed
        return result

    def save(self, arrival: Arrival) -> Verdict:
        """Queue an answer and wait until it is committed, or refused."""
        done: AsyncResult = AsyncResult()
        self._queue.append((arrival, done))
        self._has_work.set()
        verdict: Verdict = done.get()
        return verdict

    def _commit_for_ever(self) -> None:
        while not self._is_closing:
            self._has_work.wait()
            gevent.sleep(_GATHER_S)
            self._has_work.clear()
            while self._queue:
                group = [self._queue.popleft() for _ in range(min(MAX_GROUP, len(self._queue)))]
                arrivals = [arrival for arrival, _ in group]
                verdicts, failed = self._pool.apply(_handing_back, (self._commit_group, arrivals))
                if failed is not None:  # whatever it was, nobody of the group may hear "saved"
                    for _, done in group:
                        done.set_exception(failed)
                    continue
                for (_, done), verdict in zip(group, verdicts, strict=True):
                    done.set(verdict)

    def close(self) -> None:
        """Finish what is queued and stop."""
        self._is_closing = True
        self._has_work.set()
        self._committer.join()
        self._pool.join()


def _handing_back(function: Callable[..., Any], *arguments: object) -> tuple[Any, BaseException | None]:
    try:
        return function(*arguments), None
    except BaseException as failed:  # noqa: BLE001 - raised again by whoever waits
        return None, failed
