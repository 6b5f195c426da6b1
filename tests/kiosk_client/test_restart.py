"""A seat whose process died goes on where it was: with the zone there or away, at any byte of the journal."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_zone import (
    DURATION_S,
    EARLIEST_HAND_IN_S,
    LAST4,
    ROOM_CODE,
    START,
    HandClock,
    PowerCut,
    SimulatedDisk,
    SimulatedZone,
    choose,
    talk,
)

from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import fold, read_event
from exam_protocol.ids import ItemId, OptionId
from exam_protocol.sitting_state import SittingState
from kiosk_client.agent import Agent
from kiosk_client.config import KioskConfig
from kiosk_client.journal_file import last_journal
from kiosk_client.restart import read_entry, restored
from kiosk_client.seat_files import SeatFiles
from kiosk_client.sitting import Phase, Sitting

MakeAgent = Callable[[], Agent]
Chosen = dict[ItemId, tuple[OptionId, ...]]


def chosen(sitting: Sitting) -> Chosen:
    return {item: answer.options for item, answer in sitting.answers.items()}


def test_a_killed_seat_is_back_at_its_last_item_with_every_answer(answering: Agent, start_agent: MakeAgent) -> None:
    choose(answering, 1, "A")
    choose(answering, 5, "B", "C")
    before = answering.state()
    again = start_agent().state()
    assert again["phase"] == "answering"
    assert (again["current"], again["item"]) == (5, before["item"])
    assert again["numbers"] == before["numbers"]


def test_a_seat_restarts_and_goes_on_while_the_zone_is_down(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    zone.is_down = True
    clock.reboot(40)
    again = start_agent()
    talk(again)
    assert again.state()["phase"] == "answering"
    assert "待考点服务器核对" in again.state()["message"]["what"]
    choose(again, 2, "B")
    zone.is_down = False
    talk(again)
    assert tuple(zone.events) == again.sitting.events
    assert (len(zone.events), again.state()["saving"], again.state()["message"]) == (2, "saved", None)


def test_after_a_restart_without_the_zone_no_time_is_won_and_none_is_lost(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    zone.is_down = True
    clock.reboot(40)
    assert start_agent().state()["zone_now"] == clock.zone


def test_a_wall_clock_set_back_while_the_machine_was_off_wins_no_time(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 2, "A")
    clock.forward(300)
    choose(answering, 1, "A")
    stamp = clock.zone
    zone.is_down = True
    clock.reboot(0)
    clock.wall -= 3_600_000
    assert start_agent().state()["zone_now"] == stamp


def test_the_zones_time_replaces_a_time_that_was_not_checked(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    zone.is_down = True
    clock.reboot(40)
    clock.wall += 120_000
    again = start_agent()
    zone.is_down = False
    talk(again)
    assert again.state()["zone_now"] == clock.zone


@pytest.mark.parametrize("phase", ["confirm", "waiting"])
def test_a_seat_killed_before_the_start_is_back_at_the_same_page(
    agent: Agent, start_agent: MakeAgent, zone: SimulatedZone, phase: str
) -> None:
    agent.act("sign_in", {"id_number": LAST4})
    if phase == "waiting":
        agent.act("confirm", {})
    zone.is_down = True
    assert start_agent().state()["phase"] == phase


@pytest.mark.usefixtures("answering")
def test_a_pause_outlives_a_restart(start_agent: MakeAgent, zone: SimulatedZone) -> None:
    zone.change(SittingState.PAUSED, "停电暂停。")
    zone.is_down = True
    assert start_agent().state()["phase"] == "paused"


@pytest.mark.usefixtures("answering")
def test_an_extension_outlives_a_restart(start_agent: MakeAgent, zone: SimulatedZone) -> None:
    zone.extend(600)
    zone.is_down = True
    assert start_agent().state()["ends_at"] == START + (DURATION_S + 600) * 1000


def test_a_hand_in_outlives_a_restart_and_its_receipt_is_fetched(
    answering: Agent, start_agent: MakeAgent, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    clock.forward(EARLIEST_HAND_IN_S)
    answering.act("hand_in", {"confirmed": 1})
    answering.act("hand_in", {"confirmed": 2})
    again = start_agent()
    assert again.state()["phase"] == "receipt"
    talk(again)
    assert again.sitting.receipt is not None
    assert start_agent().state()["receipt"]["code"] == again.sitting.receipt.code


def test_a_seat_that_lost_its_disk_gets_everything_back_from_the_zone(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, disk: SimulatedDisk
) -> None:
    choose(answering, 1, "A")
    talk(answering)
    for name in [name for name in disk.names() if name.startswith(("journal", "paper"))]:
        del disk.files[name]
    again = start_agent()
    talk(again)
    assert (again.state()["phase"], "没有找到作答日志" in again.state()["message"]["what"]) == ("sign_in", True)
    again.act("sign_in", {"id_number": LAST4})
    talk(again)
    assert chosen(again.sitting) == chosen(answering.sitting)
    choose(again, 2, "A")
    talk(again)
    assert tuple(zone.events) == again.sitting.events
    zone.is_down = True
    assert chosen(start_agent().sitting) == chosen(again.sitting)


def test_a_corrupt_journal_is_kept_and_the_zones_copy_goes_on(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, disk: SimulatedDisk
) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    talk(answering)
    name = next(name for name in disk.names() if name.startswith("journal"))
    damaged = bytearray(disk.files[name])
    damaged[len(damaged) // 2] ^= 1
    disk.files[name] = bytes(damaged)
    again = start_agent()
    assert "日志损坏" in again.state()["message"]["what"]
    talk(again)
    again.act("sign_in", {"id_number": LAST4})
    talk(again)
    assert chosen(again.sitting) == chosen(answering.sitting)
    choose(again, 3, "A")
    assert disk.files[name] == bytes(damaged)
    zone.is_down = True
    assert chosen(start_agent().sitting) == chosen(again.sitting)


def test_a_refused_record_that_reached_the_platter_after_all_is_overruled_by_the_next(
    answering: Agent, start_agent: MakeAgent, disk: SimulatedDisk
) -> None:
    choose(answering, 1, "A")
    name = next(name for name in disk.names() if name.startswith("journal"))
    before = disk.files[name]
    choose(answering, 2, "A")
    refused = disk.files[name]
    disk.files[name] = before
    again = start_agent()
    disk.files[name] = refused
    choose(again, 2, "B")
    assert chosen(start_agent().sitting) == chosen(again.sitting)


def test_a_power_cut_at_any_byte_of_the_exam_keeps_every_answer_the_page_was_told_of() -> None:
    length = sum(len(content) for _, content in _three_answers(None)[1].appended)
    shown = [_answers_after_power_cut(power) for power in range(0, length, 3)]
    assert [cut for cut in shown if cut is not None] == []


def _answers_after_power_cut(power: int) -> tuple[int, Chosen, Chosen] | None:
    told, disk = _three_answers(power)
    journal = last_journal(disk, SeatFiles(disk).device.seat_key)
    sitting = restored(Sitting(device=SeatFiles(disk).device.id), journal[1] if journal else (), HandClock()())
    return None if chosen(sitting) == told else (power, told, chosen(sitting))


def _three_answers(power: int | None) -> tuple[Chosen, SimulatedDisk]:
    clock, disk, told = HandClock(), SimulatedDisk(), Chosen()
    zone = SimulatedZone(clock)
    zone.photo = b""
    disk.power_bytes = power
    agent = Agent(KioskConfig("http://zone", "seat", ROOM_CODE, 7), SeatFiles(disk), zone.link(), clock, _lowest)
    try:
        talk(agent)
        agent.act("sign_in", {"id_number": LAST4})
        agent.act("confirm", {})
        zone.release()
        talk(agent)
        for number in (1, 2, 1):
            choose(agent, number, "AB"[len(told) // 2])
            told = chosen(agent.sitting)
    except PowerCut:
        pass
    return told, disk


class Candidate:
    """A seat in a bad world, and what its page has been told."""

    def __init__(self) -> None:
        self.clock, self.disk = HandClock(), SimulatedDisk()
        self.zone = SimulatedZone(self.clock)
        self.told: Chosen = {}
        self.restart()
        talk(self.agent)
        self.agent.act("sign_in", {"id_number": LAST4})
        self.agent.act("confirm", {})
        self.zone.release()
        talk(self.agent)

    def restart(self) -> None:
        config = KioskConfig("http://zone", "seat", ROOM_CODE, 7)
        self.agent = Agent(config, SeatFiles(self.disk), self.zone.link(), self.clock, _lowest)

    def do(self, deed: tuple[str, int, str]) -> None:
        name, number, letters = deed
        match name:
            case "answer":
                self.clock.forward(1)
                try:
                    choose(self.agent, number, *letters)
                except KaopingError:
                    return
                self.told = chosen(self.agent.sitting)
            case "kill":
                self.restart()
            case "talk":
                talk(self.agent)
            case "zone goes":
                self.zone.is_down = True
            case "zone comes":
                self.zone.is_down = False
            case "reply is lost":
                self.zone.lost_replies = number
            case _:
                self.disk.failing_appends = number


deeds = st.lists(
    st.tuples(
        st.sampled_from(["answer"] * 5 + ["kill", "talk", "zone goes", "zone comes", "reply is lost", "disk fails"]),
        st.integers(1, 3),
        st.sampled_from(["A", "B", ""]),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(deeds)
def test_law_the_journal_folds_to_what_the_page_was_told_and_the_zone_gets_exactly_that(
    happened: Sequence[tuple[str, int, str]],
) -> None:
    candidate = Candidate()
    for deed in happened:
        candidate.do(deed)
    journal = last_journal(candidate.disk, candidate.agent.seat.device.seat_key)
    assert journal is not None
    restart = restored(Sitting(device=candidate.agent.seat.device.id), journal[1], candidate.clock())
    assert chosen(restart) == candidate.told
    candidate.zone.is_down = False
    candidate.zone.lost_replies = 0
    talk(candidate.agent)
    talk(candidate.agent)
    at_zone = fold(read_event(event) for event in candidate.zone.events)
    assert {item: answer.options for item, answer in at_zone.last.items()} == candidate.told
    assert candidate.agent.sitting.phase is Phase.ANSWERING


def test_a_journal_whose_records_are_no_chain_is_refused(answering: Agent) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    journal = last_journal(answering.seat.files.disk, answering.seat.device.seat_key)
    assert journal is not None
    without_first = [record for record in journal[1] if getattr(read_entry(record), "seq", 0) != 1]
    with pytest.raises(KaopingError, match="不连续"):
        restored(Sitting(device=answering.seat.device.id), without_first, answering.seat.moment())


def _lowest(low: float, _high: float) -> float:
    return low
