"""A seat over a simulated zone, disk and clock; nothing waits, the clock is moved by hand."""

from collections.abc import Callable

import pytest
from simulated_zone import LAST4, ROOM_CODE, HandClock, SimulatedDisk, SimulatedZone, talk

from kiosk_client.agent import Agent
from kiosk_client.config import KioskConfig
from kiosk_client.seat_files import SeatFiles

MakeAgent = Callable[[], Agent]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def zone(clock: HandClock) -> SimulatedZone:
    return SimulatedZone(clock)


@pytest.fixture
def disk() -> SimulatedDisk:
    return SimulatedDisk()


@pytest.fixture
def start_agent(clock: HandClock, zone: SimulatedZone, disk: SimulatedDisk) -> MakeAgent:
    """Start the seat's process, the first time or again over the same disk."""
    config = KioskConfig("http://zone", "seat", ROOM_CODE, 7)

    def start() -> Agent:
        return Agent(config, SeatFiles(disk), zone.link(), clock, uniform=lambda low, _high: low)

    return start


@pytest.fixture
def agent(start_agent: MakeAgent) -> Agent:
    """A seat that shows the sign-in page."""
    agent = start_agent()
    talk(agent)
    return agent


@pytest.fixture
def waiting(agent: Agent) -> Agent:
    """A seat whose candidate has confirmed and waits for the paper."""
    agent.act("sign_in", {"id_number": LAST4})
    agent.act("confirm", {})
    talk(agent)
    return agent


@pytest.fixture
def answering(waiting: Agent, zone: SimulatedZone, clock: HandClock) -> Agent:
    """A seat whose candidate answers; a minute has passed since the start."""
    clock.forward(600)
    zone.release()
    talk(waiting)
    clock.forward(60)
    return waiting
