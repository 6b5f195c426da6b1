"""One unit of work: what a service is given, and the one way to run a service (ARCHITECTURE §3, EXAMPLES 3, 4).

A service is a plain function ``verb_noun(work, …)``. It runs whole inside one transaction; what it announces is sent
only after that transaction has committed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

import msgspec
from sqlalchemy import Engine
from sqlalchemy.orm import Session

P = ParamSpec("P")
T = TypeVar("T")
Clock = Callable[[], datetime]
"""Gives the aware UTC time; passed in everywhere, so that tests and simulators own time."""


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a staff account, a device, or the system's own timer. ``roles`` decide what it may do."""

    name: str
    roles: frozenset[str] = frozenset()


SYSTEM = Actor("system", frozenset({"system"}))


@dataclass(slots=True)
class Work:
    """What a service works with. ``db`` is SQLAlchemy's session (the word session alone means 场次)."""

    db: Session
    now: datetime
    actor: Actor
    notices: list[Any] = field(default_factory=list)

    def announce(self, notice: object) -> None:
        """Send this after the commit, and only then."""
        self.notices.append(notice)


class WorkRunner:
    """Runs services: begins, commits, then announces.

    ``in_writer`` runs a function where writing is allowed: at once (centre, portal, commands) or inside the zone's one
    writer thread. ``announce`` takes each notice after the commit.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Clock,
        announce: Callable[[Any], None] = lambda _notice: None,
        in_writer: Callable[[Callable[[], Any]], Any] = lambda run: run(),
    ) -> None:
        self.engine = engine
        self.clock = clock
        self._announce = announce
        self._in_writer = in_writer

    def run(self, actor: Actor, service: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a service as ``actor`` in one transaction. Whatever it raises rolls everything back."""

        def whole() -> tuple[T, list[Any]]:
            with Session(self.engine, expire_on_commit=False) as db, db.begin():
                work = Work(db, self.clock(), actor)
                result = service(work, *args, **kwargs)
            return result, work.notices

        result: T
        result, notices = self._in_writer(whole)
        for notice in notices:
            self._announce(notice)
        return result
