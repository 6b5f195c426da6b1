"""A scripted candidate: what the script says becomes events, one each, and a killed robot repeats none."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from factories import make_paper
from simulated_zone import LAST4, HandClock, SimulatedZone, talk

from exam_protocol.errors import ConfigurationError
from exam_protocol.paper import Item
from kiosk_client.agent import Agent
from kiosk_client.robot import CandidateScript, ScriptedChoice, deeds_of, play, read_fleet, read_script, stem_sha
from kiosk_client.shown_paper import ShownPaper
from kiosk_client.sitting import Phase

MakeAgent = Callable[[], Agent]
PAPER = make_paper()


def choice(item: Item, *places: int, at: float = 0.0, marks: bool = False) -> ScriptedChoice:
    return ScriptedChoice(stem_sha(item.stem), tuple(item.options[place].text for place in places), at, marks)


def test_each_choice_is_one_deed_in_order_of_time_whatever_the_order_of_the_script() -> None:
    first, second, *_ = PAPER.items()
    deeds = deeds_of(
        ShownPaper.of(PAPER, 5), [choice(second, 1, at=9), choice(first, 0, at=3), choice(first, 2, at=12)]
    )
    assert [deed.at_ms for deed in deeds] == [3000, 9000, 12000]
    assert [deed.options for deed in deeds] == [(first.options[0].id,), (second.options[1].id,), (first.options[2].id,)]


def test_a_mark_is_a_deed_of_its_own_and_what_changes_nothing_is_none() -> None:
    first, *_ = PAPER.items()
    deeds = deeds_of(ShownPaper.of(PAPER, 5), [choice(first, 0, marks=True), choice(first, 0, at=5, marks=True)])
    assert [deed.options for deed in deeds] == [(first.options[0].id,), None]


def test_items_that_are_not_in_the_paper_are_left_out() -> None:
    assert deeds_of(ShownPaper.of(PAPER, 5), [ScriptedChoice(stem_sha("别的题"), ("甲",), 1.0)]) == []


def test_a_robot_whose_process_was_killed_goes_on_with_what_is_not_yet_answered(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    clock.forward(3600)
    items = PAPER.items()
    script = CandidateScript("2602010007", LAST4, tuple(choice(item, 0, at=n) for n, item in enumerate(items)), 60.0)
    for deed in deeds_of(ShownPaper.of(PAPER, 42), script.choices)[:3]:
        answering.answer(deed.number, deed.options or ())
    again = start_agent()
    again.conversation.stop()
    _play_with_the_zone_in_reach(again, script)
    assert again.sitting.phase is Phase.RECEIPT
    assert len(again.sitting.events) == len(items) + 1
    assert len(zone.events) == len(items) + 1


def test_scripts_and_fleets_are_read_strictly(tmp_path: Path) -> None:
    script = CandidateScript("2602010007", LAST4, (choice(PAPER.items()[0], 0),))
    path = tmp_path / "script.json"
    path.write_bytes(msgspec.json.encode(script))
    assert read_script(path) == script
    path.write_bytes(b'{"ticket_no": 5}')
    with pytest.raises(ConfigurationError, match="脚本"):
        read_script(path)
    seats = [{"config": {"zone_url": "http://zone", "folder": "seat"}, "script": msgspec.to_builtins(script)}]
    ((config, read),) = read_fleet(msgspec.json.encode(seats), tmp_path / "fleet.json")
    assert (config.folder, read) == (str(tmp_path / "seat"), script)
    with pytest.raises(ConfigurationError, match="座位清单"):
        read_fleet(b"{}", tmp_path / "fleet.json")


def test_a_robot_cut_off_answers_on_up_to_eight_unsent_events_and_then_waits_for_the_zone(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    clock.forward(3600)
    choices = tuple(
        choice(item, place, at=10 * place + n) for place in (0, 1) for n, item in enumerate(PAPER.items()[:5])
    )
    script = CandidateScript("2602010007", LAST4, choices, 60.0)
    unsent_when_it_waited = []
    zone.is_down = True

    def wait_change(version: int, _timeout_s: float) -> int:
        unsent_when_it_waited.append(len(answering.sitting.events) - answering.sitting.acked)
        zone.is_down = False
        clock.forward(10)
        talk(answering)
        return version

    answering.seat.wait_change = wait_change  # type: ignore[method-assign]  # stands for the time that passes
    answering.conversation.wake = lambda: None if zone.is_down else talk(answering)  # type: ignore[method-assign]
    play(answering, script)
    assert unsent_when_it_waited[0] == 8
    assert max(unsent_when_it_waited) == 8
    assert len(zone.events) == 11


def _play_with_the_zone_in_reach(agent: Agent, script: CandidateScript) -> None:
    # Every deed is overdue, so the robot waits for nothing; its line is served at each wake.
    agent.conversation.wake = lambda: talk(agent)  # type: ignore[method-assign]  # stands for the seat's greenlet
    play(agent, script)
