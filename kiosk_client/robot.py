"""A candidate by script: signs in, confirms, answers at given times, changes their mind, hands in or is collected.

A robot uses the agent as the page does. It has no memory of its own: what it has already done it reads off the chain,
so a robot whose process was killed goes on with what is not yet answered.
"""

import functools
import hashlib
import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import gevent
import msgspec

from exam_protocol.errors import ConfigurationError, KaopingError
from exam_protocol.ids import OptionId
from exam_protocol.sealed_paper import open_paper
from exam_protocol.sitting_state import CLOSED, SittingState
from kiosk_client.agent import Agent, make_agent
from kiosk_client.config import KioskConfig, checked_kiosk_config
from kiosk_client.shown_paper import ShownItem, ShownPaper
from kiosk_client.sitting import Phase, Sitting
from kiosk_client.socket_line import SocketLine

_log = logging.getLogger(__name__)
_LOOK_AGAIN_S = 5.0
_TRY_AGAIN_S = 1.0
_LINGER_S = 20.0
_PAPERS_IN_A_FLEET = 16
_MOST_UNSENT = 8
"""A slow machine must not pile up answers that reach the zone beyond the end."""


class ScriptedChoice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One answer: to the item with this stem, ``at`` seconds after the start, the options with these texts.

    ``stem_sha`` is ``stem_sha(stem)``. A later choice for the same stem is a change of mind; no options clear it;
    ``marks`` sets the candidate's ▲ as well. A choice whose item is not in the paper is left out.
    """

    stem_sha: str
    options: tuple[str, ...]
    at: float
    marks: bool = False


class CandidateScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one candidate will do. ``hand_in_at`` in seconds after the start, or ``None`` to wait for collection.

    ``id_number`` signs in by ticket number and full ID number instead of the last 4. ``sign_in_after`` is how long the
    candidate takes to sit down, in seconds.
    """

    ticket_no: str
    id_last4: str
    choices: tuple[ScriptedChoice, ...]
    hand_in_at: float | None = None
    id_number: str | None = None
    sign_in_after: float = 0.0


class FleetSeat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One seat of a fleet: its configuration and its candidate."""

    config: KioskConfig
    script: CandidateScript


class _Deed(msgspec.Struct, frozen=True):
    """One event of the chain, still to be made or made already."""

    at_ms: int
    number: int
    options: tuple[OptionId, ...] | None
    """``None``: only the mark is set."""


def stem_sha(stem: str) -> str:
    """Name an item by its stem: ids are random anew for each sealing, stems are not."""
    return hashlib.sha256(stem.encode()).hexdigest()


def read_script(path: Path) -> CandidateScript:
    """Read a script. Raises ``ConfigurationError``."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=CandidateScript)
    except OSError as missing:
        raise ConfigurationError(f"读不到考生脚本 {path}。", "请检查路径。") from missing
    except msgspec.DecodeError as broken:
        raise ConfigurationError(f"考生脚本 {path} 有误：{broken}。", "请重新生成脚本。") from broken


def read_fleet(content: bytes, path: Path) -> list[tuple[KioskConfig, CandidateScript]]:
    """Read the list of seats of ``kaoping kiosk fleet``. Raises ``ConfigurationError``."""
    try:
        seats = msgspec.json.decode(content, type=list[FleetSeat])
    except msgspec.DecodeError as broken:
        raise ConfigurationError(f"座位清单 {path} 有误：{broken}。", "请重新生成清单。") from broken
    return [(checked_kiosk_config(seat.config, path.parent), seat.script) for seat in seats]


def run_robot(config: KioskConfig, script: CandidateScript) -> Sitting:
    """Run one real seat with its scripted candidate to the end; returns the sitting as it then is."""
    return _run(make_agent(config), script)


def run_fleet(seats: Iterable[tuple[KioskConfig, CandidateScript]]) -> list[Sitting | None]:
    """Run many seats as greenlets of this process; a seat that broke down gives ``None`` (its error is logged).

    They take the slim line, and open each paper once for all who sit over it: for rehearsals, demos and load alone.
    """
    opened_once = functools.lru_cache(maxsize=_PAPERS_IN_A_FLEET)(open_paper)
    robots = [
        gevent.spawn(lambda config, script: _run(make_agent(config, SocketLine, opened_once), script), *seat)
        for seat in seats
    ]
    gevent.joinall(robots)
    return [robot.value if robot.successful() else None for robot in robots]


def _run(agent: Agent, script: CandidateScript) -> Sitting:
    talking = gevent.spawn(agent.run)
    try:
        play(agent, script)
    finally:
        agent.stop()
        talking.join(timeout=_LINGER_S)
    return agent.sitting


def play(agent: Agent, script: CandidateScript, most_unsent: int = _MOST_UNSENT) -> None:
    """Do what the candidate does until receipt or collection; answers wait while ``most_unsent`` are on the way."""
    gevent.sleep(script.sign_in_after if agent.sitting.signed_in is None else 0)
    while True:
        sitting = agent.sitting
        match sitting.phase:
            case Phase.SIGN_IN if agent.conversation.is_online:
                _try(agent.sign_in, script.id_number or script.id_last4, script.ticket_no if script.id_number else None)
            case Phase.CONFIRM if agent.conversation.is_online:
                _try(agent.confirm)
            case Phase.ANSWERING | Phase.REVIEW:
                _try(_answer, agent, script, most_unsent)
            case Phase.RECEIPT | Phase.COLLECTED:
                _see_the_end(agent)
                return
            case _:
                agent.wait_change(agent.seat.version, _LOOK_AGAIN_S)


def _try(act: Callable[..., None], *arguments: object) -> None:
    try:
        act(*arguments)
    except KaopingError as refused:
        # As a candidate would: read what it says and try again. A pause or the end shows as another screen.
        _log.info("robot: %s", refused)
        gevent.sleep(_TRY_AGAIN_S)


def _answer(agent: Agent, script: CandidateScript, most_unsent: int) -> None:
    sitting = agent.sitting
    if sitting.paper is None or sitting.released is None:
        return
    deeds = deeds_of(sitting.paper, script.choices)
    hand_in_ms = None if script.hand_in_at is None else int(script.hand_in_at * 1000)
    for deed in deeds[len(sitting.events) :]:
        if not _wait_until(agent, deed.at_ms) or not _wait_for_room(agent, most_unsent):
            return
        _do(agent, deed)
    if hand_in_ms is not None and _wait_until(agent, hand_in_ms):
        agent.review()
        agent.hand_in(1)
        agent.hand_in(2)
    elif hand_in_ms is None:
        agent.wait_change(agent.seat.version, _LOOK_AGAIN_S)


def _do(agent: Agent, deed: _Deed) -> None:
    agent.go(deed.number)
    if deed.options is None:
        agent.mark(deed.number)
    else:
        agent.answer(deed.number, deed.options)


def deeds_of(paper: ShownPaper, choices: Sequence[ScriptedChoice]) -> list[_Deed]:
    """Turn choices into the events they will make: what is not in the paper or changes nothing makes none."""
    shown = {stem_sha(item.item.stem): item for item in paper.items}
    chosen: dict[int, tuple[OptionId, ...]] = {}
    marked: set[int] = set()
    deeds = []
    for choice in sorted(choices, key=lambda choice: choice.at):
        item = shown.get(choice.stem_sha)
        if item is None:
            continue
        options, at_ms = _options(item, choice), int(choice.at * 1000)
        if chosen.get(item.number, ()) != options:
            chosen[item.number] = options
            deeds.append(_Deed(at_ms, item.number, options))
        if choice.marks and item.number not in marked:
            marked.add(item.number)
            deeds.append(_Deed(at_ms, item.number, None))
    return deeds


def _options(item: ShownItem, choice: ScriptedChoice) -> tuple[OptionId, ...]:
    return tuple(option.id for option in item.item.options if option.text in choice.options)


def _wait_until(agent: Agent, after_start_ms: int) -> bool:
    """Wait for the zone's time; false as soon as there is nothing more to answer."""
    while True:
        sitting = agent.sitting
        if sitting.phase not in (Phase.ANSWERING, Phase.REVIEW) or sitting.released is None or sitting.clock is None:
            return False
        left_ms = sitting.released.started_at + after_start_ms - sitting.clock.now(agent.seat.moment())
        if left_ms <= 0:
            return True
        gevent.sleep(min(left_ms, 1000) / 1000)


def _wait_for_room(agent: Agent, most_unsent: int) -> bool:
    """Wait while too many events are unsent; false as soon as there is nothing more to answer."""
    while agent.sitting.owed >= most_unsent:
        if agent.sitting.phase not in (Phase.ANSWERING, Phase.REVIEW):
            return False
        agent.wait_change(agent.seat.version, _LOOK_AGAIN_S)
    return agent.sitting.phase in (Phase.ANSWERING, Phase.REVIEW)


def _see_the_end(agent: Agent) -> None:
    waited_s = 0.0
    while not _is_over(agent.sitting) and waited_s < _LINGER_S:
        gevent.sleep(0.5)
        waited_s += 0.5


def _is_over(sitting: Sitting) -> bool:
    if sitting.receipt is not None:
        return True
    return sitting.hand_in is None and sitting.state in CLOSED and sitting.state is not SittingState.HANDED_IN
