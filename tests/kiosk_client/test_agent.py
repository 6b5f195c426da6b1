"""An exam day at one seat, told in order, with the zone there and away."""

from collections.abc import Callable

import pytest
from simulated_zone import (
    ATTEMPT,
    DURATION_S,
    EARLIEST_HAND_IN_S,
    LAST4,
    START,
    HandClock,
    SimulatedDisk,
    SimulatedZone,
    choose,
    talk,
)

from exam_protocol.errors import KaopingError
from exam_protocol.event_chain import head_after
from exam_protocol.messages import AnswerSaved, CollectNow, HandedIn, RefusedByZoneError
from exam_protocol.receipt_code import receipt_code
from exam_protocol.sitting_state import SittingState
from kiosk_client.agent import Agent, UnknownActError
from kiosk_client.candidate_acts import ConfirmTwiceError, NothingAnsweredError, TooEarlyToHandInError
from kiosk_client.link import ZoneUnreachableError
from kiosk_client.sitting import NoSuchItemError, NotAnsweringError
from kiosk_client.zone_news import heard

MakeAgent = Callable[[], Agent]

PAGE_STATE = {
    *("version", "phase", "seat", "room_name", "zone_name", "exam_title", "session_title"),
    *("name", "photo", "ticket_no", "trade", "unit", "starts_at", "ends_at", "zone_now", "earliest_hand_in_at"),
    *("rules", "sections", "current", "total", "numbers", "item", "answered", "saving", "online", "receipt"),
    *("message", "preferences"),
}


def test_a_seat_enrols_and_shows_the_planned_candidate(agent: Agent) -> None:
    state = agent.state()
    assert (state["phase"], state["seat"], state["name"], state["online"]) == ("sign_in", 7, "王芳", True)
    assert state["photo"].startswith("data:image/jpeg;base64,")


def test_a_seat_whose_room_code_is_wrong_says_so_in_the_zones_words(
    zone: SimulatedZone, start_agent: MakeAgent
) -> None:
    zone.room_code = "135791"
    agent = start_agent()
    talk(agent)
    assert (agent.state()["phase"], agent.state()["online"]) == ("seat_unknown", False)
    assert "登记码不对" in agent.state()["message"]["what"]


def test_a_seat_that_the_zone_does_not_know_any_more_says_so(agent: Agent, zone: SimulatedZone) -> None:
    zone.device = None
    zone.drop_lines()
    talk(agent)
    assert agent.state()["phase"] == "seat_unknown"


def test_the_page_is_told_everything_it_needs_and_nothing_else(answering: Agent) -> None:
    state = answering.state()
    assert set(state) == PAGE_STATE
    assert set(state["item"]) == {"n", "type", "stem", "figure", "alt", "options", "chosen", "marked"}
    assert [option["letter"] for option in state["item"]["options"]] == ["A", "B", "C", "D"]
    assert [number["n"] for number in state["numbers"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [section["numbers"] for section in state["sections"]] == [(1, 2, 3), (4, 5), (6, 7)]


def test_sign_in_by_the_last_four_typed_with_a_chinese_keyboard(agent: Agent) -> None:
    state = agent.act("sign_in", {"id_number": "１２３ｘ"})
    assert (state["phase"], state["ticket_no"], state["unit"]) == ("confirm", "2602010007", "石家庄市公路局")


def test_wrong_last_four_are_refused_in_the_zones_words(agent: Agent) -> None:
    with pytest.raises(RefusedByZoneError, match="后四位不对"):
        agent.act("sign_in", {"id_number": "0000"})
    assert agent.state()["phase"] == "sign_in"


def test_sign_in_without_the_zone_is_refused_in_words(agent: Agent, zone: SimulatedZone) -> None:
    zone.is_down = True
    with pytest.raises(ZoneUnreachableError):
        agent.act("sign_in", {"id_number": LAST4})


def test_who_says_not_me_is_back_at_the_sign_in_and_told_to_raise_a_hand(agent: Agent) -> None:
    agent.act("sign_in", {"id_number": LAST4})
    state = agent.act("not_me", {})
    assert state["phase"] == "sign_in"
    assert "举手" in state["message"]["do"]


def test_a_confirmed_candidate_waits_with_the_sealed_paper_on_the_disk(waiting: Agent, disk: SimulatedDisk) -> None:
    assert waiting.state()["phase"] == "waiting"
    assert any(name.startswith("paper-") for name in disk.names())
    assert waiting.state()["item"] is None


def test_the_paper_opens_when_the_key_is_pushed(waiting: Agent, zone: SimulatedZone) -> None:
    zone.release()
    talk(waiting)
    assert waiting.state()["phase"] == "answering"
    assert waiting.state()["ends_at"] == START + DURATION_S * 1000


def test_a_key_whose_push_was_lost_is_asked_for(waiting: Agent, zone: SimulatedZone, clock: HandClock) -> None:
    zone.is_released = True
    clock.forward(603)
    talk(waiting)
    assert waiting.state()["phase"] == "answering"


def test_an_answer_is_on_the_disk_when_the_page_hears_of_it_and_at_the_zone_soon_after(
    answering: Agent, zone: SimulatedZone
) -> None:
    assert choose(answering, 1, "B")["saving"] == "local"
    talk(answering)
    assert (answering.state()["saving"], len(zone.events)) == ("saved", 1)


def test_options_travel_in_canonical_order_whatever_the_screen_shows(answering: Agent) -> None:
    choose(answering, 4, "D", "A")
    shown = answering.sitting.item(4)
    chosen = answering.sitting.answers[shown.item.id].options
    assert chosen == tuple(option.id for option in shown.item.options if option.id in chosen)
    assert len(chosen) == 2


def test_choosing_what_is_chosen_makes_no_event(answering: Agent) -> None:
    choose(answering, 1, "B")
    choose(answering, 1, "B")
    assert len(answering.sitting.events) == 1


def test_clearing_and_marking_are_events_of_their_own(answering: Agent) -> None:
    choose(answering, 1, "B")
    answering.act("mark", {"n": 1})
    choose(answering, 1)
    state = answering.state()
    assert (state["answered"], state["numbers"][0]) == (0, {"n": 1, "answered": False, "marked": True})
    assert len(answering.sitting.events) == 3


@pytest.mark.parametrize(
    ("act", "arguments", "error"),
    [
        ("answer", {"n": 99, "chosen": []}, NoSuchItemError),
        ("answer", {"n": 1, "chosen": ["of another item"]}, NoSuchItemError),
        ("answer", {"n": 1, "chosen": ["o1-1", "o1-2", "o2-1", "o2-2", "o3-1", "o3-2"]}, NoSuchItemError),
        ("answer", {"chosen": []}, UnknownActError),
        ("fly", {}, UnknownActError),
    ],
)
def test_what_the_paper_does_not_have_is_refused(
    answering: Agent, act: str, arguments: dict[str, object], error: type[KaopingError]
) -> None:
    with pytest.raises(error):
        answering.act(act, arguments)
    assert answering.sitting.events == ()


def test_a_single_choice_item_takes_one_option(answering: Agent) -> None:
    with pytest.raises(NoSuchItemError, match="只能选一项"):
        choose(answering, 1, "A", "B")


def test_a_paper_without_one_answer_is_not_handed_in(answering: Agent, clock: HandClock) -> None:
    clock.forward(EARLIEST_HAND_IN_S)
    with pytest.raises(NothingAnsweredError):
        answering.act("hand_in", {"confirmed": 1})
    assert answering.state()["phase"] == "answering"


def test_hand_in_before_the_earliest_time_is_refused(answering: Agent) -> None:
    choose(answering, 1, "A")
    with pytest.raises(TooEarlyToHandInError):
        answering.act("hand_in", {"confirmed": 1})


def test_hand_in_takes_two_confirmations_in_order(answering: Agent, clock: HandClock) -> None:
    choose(answering, 1, "A")
    clock.forward(EARLIEST_HAND_IN_S)
    with pytest.raises(ConfirmTwiceError):
        answering.act("hand_in", {"confirmed": 2})
    answering.act("hand_in", {"confirmed": 1})
    answering.act("back", {})
    with pytest.raises(ConfirmTwiceError):
        answering.act("hand_in", {"confirmed": 2})


def test_after_hand_in_the_candidate_sees_the_zones_receipt(
    answering: Agent, clock: HandClock, zone: SimulatedZone
) -> None:
    choose(answering, 1, "A")
    clock.forward(EARLIEST_HAND_IN_S)
    answering.act("review", {})
    answering.act("hand_in", {"confirmed": 1})
    slip = answering.act("hand_in", {"confirmed": 2})
    talk(answering)
    state = answering.state()
    assert (state["phase"], state["saving"], state["receipt"]["answered"]) == ("receipt", "saved", 1)
    assert state["receipt"]["code"] != slip["receipt"]["code"]
    assert state["receipt"]["qr_svg"].startswith("<svg")
    assert zone.state is SittingState.HANDED_IN
    with pytest.raises(NotAnsweringError):
        answering.act("answer", {"n": 1, "chosen": []})


def test_hand_in_while_the_zone_is_away_gives_a_local_slip_and_later_the_receipt(
    answering: Agent, clock: HandClock, zone: SimulatedZone
) -> None:
    choose(answering, 1, "A")
    clock.forward(EARLIEST_HAND_IN_S)
    zone.is_down = True
    answering.act("hand_in", {"confirmed": 1})
    slip = answering.act("hand_in", {"confirmed": 2})
    assert (slip["phase"], slip["saving"]) == ("receipt", "local")
    assert "本机" in slip["message"]["what"]
    zone.is_down = False
    talk(answering)
    assert answering.state()["saving"] == "saved"
    assert answering.sitting.receipt is not None


def test_while_the_zone_is_away_the_candidate_goes_on_and_all_is_sent_in_order_afterwards(
    answering: Agent, zone: SimulatedZone
) -> None:
    zone.is_down = True
    talk(answering)
    for number in range(1, 8):
        choose(answering, number, "A")
        talk(answering)
    assert (answering.state()["saving"], answering.state()["online"], zone.events) == ("local", False, [])
    zone.is_down = False
    talk(answering)
    assert tuple(zone.events) == answering.sitting.events
    assert answering.state()["saving"] == "saved"


def test_an_event_whose_acknowledgement_was_lost_is_sent_again_and_kept_once(
    answering: Agent, zone: SimulatedZone
) -> None:
    choose(answering, 1, "A")
    zone.lost_replies = 1
    talk(answering)
    talk(answering)
    assert [name for name, _ in zone.received].count("answer") == 2
    assert (len(zone.events), answering.state()["saving"]) == (1, "saved")


def test_after_a_gap_the_zone_names_the_seat_goes_on_from_there(answering: Agent, zone: SimulatedZone) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    talk(answering)
    zone.loses_last_commit()
    choose(answering, 3, "A")
    talk(answering)
    assert tuple(zone.events) == answering.sitting.events
    assert answering.state()["saving"] == "saved"


def test_a_zone_restored_from_nothing_gets_the_whole_chain_again(answering: Agent, zone: SimulatedZone) -> None:
    choose(answering, 1, "A")
    talk(answering)
    zone.loses_last_commit()
    choose(answering, 2, "A")
    talk(answering)
    assert tuple(zone.events) == answering.sitting.events


def test_an_acknowledgement_of_another_chain_is_trouble_not_silence(answering: Agent, zone: SimulatedZone) -> None:
    zone.acknowledges_wrongly = True
    choose(answering, 1, "A")
    talk(answering)
    assert answering.state()["phase"] == "trouble"
    assert answering.state()["saving"] == "local"


def test_a_late_acknowledgement_of_an_earlier_event_changes_nothing(answering: Agent, zone: SimulatedZone) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    talk(answering)
    before = answering.sitting
    early = AnswerSaved(ATTEMPT, 1, 1, head_after(zone.events[0]))
    assert heard(before, early, answering.seat.moment()).sitting is before


def test_a_pause_locks_the_page_and_a_resume_opens_it(answering: Agent, zone: SimulatedZone) -> None:
    zone.change(SittingState.PAUSED, "全场暂停，请坐在原位。")
    assert (answering.state()["phase"], answering.state()["message"]["do"]) == ("paused", "全场暂停，请坐在原位。")
    with pytest.raises(NotAnsweringError):
        answering.act("answer", {"n": 1, "chosen": []})
    zone.change(SittingState.ANSWERING)
    assert answering.state()["phase"] == "answering"


def test_an_extension_shows_at_once_and_moves_the_end_only(answering: Agent, zone: SimulatedZone) -> None:
    zone.extend(600)
    assert answering.state()["ends_at"] == START + (DURATION_S + 600) * 1000
    assert answering.state()["starts_at"] == START


def test_at_the_end_a_seat_in_contact_closes_its_chain_by_itself(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    talk(answering)
    clock.forward(DURATION_S)
    with pytest.raises(NotAnsweringError):
        choose(answering, 2, "A")
    talk(answering)
    talk(answering)
    assert answering.state()["phase"] == "collected"
    assert zone.state is SittingState.COLLECTED
    assert answering.sitting.receipt is not None


def test_a_seat_cut_off_at_the_end_stops_and_goes_on_when_it_hears_of_an_extension(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    zone.is_down = True
    talk(answering)
    zone.extend(1200)
    clock.forward(DURATION_S)
    talk(answering)
    assert (answering.state()["phase"], answering.sitting.hand_in) == ("collected", None)
    zone.is_down = False
    talk(answering)
    talk(answering)
    assert answering.state()["phase"] == "answering"
    assert choose(answering, 2, "A")["answered"] == 2


def test_collection_closes_the_chain_even_of_one_who_answered_nothing(answering: Agent, zone: SimulatedZone) -> None:
    zone.collect()
    talk(answering)
    state = answering.state()
    assert (state["phase"], state["receipt"]["answered"]) == ("collected", 0)
    assert answering.sitting.hand_in is not None
    assert answering.sitting.hand_in.reason == "collected"


def test_what_the_disk_refuses_has_not_happened_and_is_loud(answering: Agent, disk: SimulatedDisk) -> None:
    choose(answering, 1, "A")
    disk.failing_appends = 2
    with pytest.raises(KaopingError, match="未能保存"):
        choose(answering, 2, "A")
    state = answering.state()
    assert (state["saving"], state["answered"]) == ("failed", 1)
    assert choose(answering, 2, "B")["saving"] == "local"


def test_type_size_and_contrast_survive_a_restart(agent: Agent, start_agent: MakeAgent) -> None:
    agent.act("preferences", {"size": 3, "contrast": True})
    assert start_agent().state()["preferences"] == {"size": 3, "contrast": True}


def test_the_page_waits_for_a_change_and_hears_of_it(answering: Agent) -> None:
    version = answering.state()["version"]
    assert answering.wait_change(version, 0) == version
    choose(answering, 1, "A")
    assert answering.wait_change(version, 0) > version


def test_heartbeats_tell_how_much_is_unsent(answering: Agent, zone: SimulatedZone, clock: HandClock) -> None:
    choose(answering, 1, "A")
    talk(answering)
    clock.forward(11)
    talk(answering)
    assert zone.received[-1][0] == "heartbeat"
    assert f'"attempt":{ATTEMPT},"seq":1,"unsent":0,"answered":1,"items":7' in zone.received[-1][1]


def test_an_answer_at_the_zone_stands_for_a_heartbeat_but_not_for_three(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    talk(answering)
    zone.received.clear()
    for letters in ("A", "B", "A", "B"):
        clock.forward(8)
        choose(answering, 1, letters)
        talk(answering)
    assert [name for name, _ in zone.received] == ["answer", "answer", "answer", "answer", "heartbeat"]


def test_a_seat_that_is_cut_off_waits_longer_and_longer_and_is_not_hurried_by_answers(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    answering.conversation._uniform = lambda _low, high: high
    zone.is_down = True
    waits = []
    for _ in range(6):
        answering.conversation.turn()
        waits.append(answering.conversation.turn())
        choose(answering, 1, "A")
        choose(answering, 1, "B")
        tries = zone.connection_attempts
        assert answering.conversation.turn() == waits[-1]
        assert zone.connection_attempts == tries
        clock.forward(waits[-1])
    assert waits == [2.0, 4.0, 8.0, 8.0, 8.0, 8.0]


def test_the_first_connections_of_many_seats_are_spread(start_agent: MakeAgent) -> None:
    agent = start_agent()
    asked: list[tuple[float, float]] = []
    agent.conversation._uniform = lambda low, high: asked.append((low, high)) or 0.0
    agent.stop()
    agent.run()
    assert asked[0] == (0, 2.0)


FINAL_REFUSALS = (
    *("other_device", "fenced", "forked", "time_over"),
    *("chain_closed", "collected", "voided", "stopped"),
)


@pytest.mark.parametrize("code", FINAL_REFUSALS)
def test_after_a_final_refusal_each_unsent_event_is_offered_once_in_order_and_heartbeats_go_on(
    answering: Agent, zone: SimulatedZone, clock: HandClock, code: str
) -> None:
    for number in (1, 2, 3):
        choose(answering, number, "A")
    zone.refuses_events = code
    zone.received.clear()
    for _ in range(15):
        talk(answering)
        clock.forward(2)
    assert zone.quarantined == list(answering.sitting.events)
    assert [name for name, _ in zone.received].count("heartbeat") >= 2
    assert '"unsent":3' in zone.received[-1][1]
    assert answering.state()["saving"] == "local"
    choose(answering, 4, "A")
    talk(answering)
    assert zone.quarantined == list(answering.sitting.events)


def test_a_restarted_seat_offers_what_was_refused_once_more(
    answering: Agent, start_agent: MakeAgent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    zone.refuses_events = "collected"
    talk(answering)
    again = start_agent()
    for _ in range(5):
        talk(again)
        clock.forward(4)
    assert zone.quarantined == [*again.sitting.events, *again.sitting.events]


def test_what_came_too_late_is_offered_again_when_the_zone_gives_more_time(
    answering: Agent, zone: SimulatedZone
) -> None:
    choose(answering, 1, "A")
    choose(answering, 2, "A")
    zone.refuses_events = "time_over"
    talk(answering)
    zone.refuses_events = None
    talk(answering)
    assert zone.events == []
    zone.extend(600)
    talk(answering)
    assert tuple(zone.events) == answering.sitting.events
    assert answering.state()["saving"] == "saved"


def test_what_is_refused_for_the_moment_is_tried_again_and_does_not_hold_heartbeats_up(
    answering: Agent, zone: SimulatedZone, clock: HandClock
) -> None:
    choose(answering, 1, "A")
    zone.refuses_events = "paused"
    zone.received.clear()
    for _ in range(15):
        talk(answering)
        clock.forward(2)
    names = [name for name, _ in zone.received]
    assert names.count("heartbeat") >= 2
    assert names.count("answer") >= 10
    zone.refuses_events = None
    talk(answering)
    assert answering.state()["saving"] == "saved"


@pytest.mark.parametrize("change", [{"attempt": 5}, {"events": 1}, {"head": "0" * 64}])
def test_a_receipt_for_another_chain_is_not_shown_as_one(
    answering: Agent, zone: SimulatedZone, clock: HandClock, change: dict[str, object]
) -> None:
    choose(answering, 1, "A")
    zone.receipt_changes = change
    clock.forward(EARLIEST_HAND_IN_S)
    answering.act("hand_in", {"confirmed": 1})
    slip = answering.act("hand_in", {"confirmed": 2})
    talk(answering)
    state = answering.state()
    assert (state["phase"], state["saving"], state["receipt"]) == ("receipt", "local", slip["receipt"])
    assert "回执" in state["message"]["what"]
    assert "举手" in state["message"]["do"]
    assert answering.sitting.receipt is None


def test_what_is_no_receipt_at_all_is_not_shown_as_one(answering: Agent, zone: SimulatedZone) -> None:
    zone.is_down = True
    answering.conversation._link.on_push(CollectNow(ATTEMPT, "已收卷。"))
    closed = answering.sitting
    assert closed.hand_in is not None
    handed_in = HandedIn(ATTEMPT, len(closed.events), b"not a receipt", receipt_code(b"not a receipt"))
    step = heard(closed, handed_in, answering.seat.moment())
    assert (step.sitting.receipt, step.keep) == (None, ())
