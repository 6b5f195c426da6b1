"""Snapshot + notices == fresh snapshot, after every act of an exam day."""

from datetime import timedelta

from zone_rig import STARTS_AT, Zone

from exam_protocol.ids import EpochMs
from exam_server.notices import NoticeBoard, Pulse, SeatCard
from exam_server.services.collecting import collect_now, mark_absent, sweep
from exam_server.services.handover import close_session
from exam_server.services.time_ledger import extend_time


def agree(zone: Zone) -> bool:
    cards, session = zone.snapshot()
    return [shown.card for shown in sorted(zone.board.newer_than(0), key=lambda s: s.card.place)] == cards and (
        zone.board.session == session
    )


def test_the_board_agrees_with_a_fresh_snapshot_after_every_act(zone: Zone) -> None:
    done: list[tuple[str, bool]] = []

    def note(act: str) -> None:
        done.append((act, agree(zone)))

    first, second, third = zone.kiosk(1), zone.kiosk(2), zone.kiosk(3)
    note("enrol")
    zone.kiosk(8)
    note("enrol a spare kiosk")
    first.sign_in(), second.sign_in(), third.sign_in()
    note("sign in")
    first.confirm(), second.confirm()
    note("confirm")
    zone.release()
    note("release")
    third.confirm(), third.ready()
    note("begin late")
    first.answer()
    note("answer")
    zone.run(extend_time, [20_001], 120, "machine", "鼠标故障")
    note("extend")
    zone.now = STARTS_AT + timedelta(minutes=40)
    first.hand_in()
    note("hand in")
    zone.run(mark_absent, [20_004], "未到")
    note("mark absent")
    zone.run(collect_now, [20_002], "身体不适")
    note("collect one")
    zone.now = STARTS_AT + timedelta(minutes=91)
    zone.run(sweep)
    note("sweep")
    zone.run(close_session, "未到")
    note("close")
    assert done == [(act, True) for act, _ in done]


def test_every_seat_of_the_room_has_a_card_spare_ones_too(zone: Zone) -> None:
    cards, _ = zone.snapshot()
    assert [(card.seat, card.name) for card in cards][5:] == [(6, "周玉梅"), (7, None), (8, None)]


def test_numbers_only_rise_and_an_unchanged_card_is_not_sent_again() -> None:
    board = NoticeBoard()
    card = SeatCard("01", 1, name="王志强")  # type: ignore[arg-type]  # ids are plain
    board.post(card)
    board.post(card)
    assert board.number == 1
    board.beat(card.place, Pulse(is_online=True, since=EpochMs(5)))
    assert [shown.number for shown in board.newer_than(1)] == [2]
    assert board.newer_than(2) == []
