"""The same roster and seed give the same seats; neighbours differ in trade; tickets catch a slip of the finger."""

from collections import Counter
from pathlib import Path

import pytest
from centre_factories import SERVERS, SmallCentre, make_roster_row, write_csv, write_photos
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from sqlalchemy import select

from exam_protocol.ids import RoomId, SeatNo, TradeCode, server_id
from exam_server.db import open_engine
from exam_server.models.candidates import PlannedRoom
from exam_server.services.roster import import_roster
from exam_server.services.seating import (
    NobodyOnRosterError,
    NoSiteError,
    RoomTooLargeError,
    ToSeat,
    arrange,
    deal,
    seat_candidates,
)
from exam_server.services.ticket_numbers import is_ticket_number, sitting_number, ticket_number


def seats_of(centre: SmallCentre) -> dict[str, tuple[str, str, int, int]]:
    return {
        sitting.candidate.name: (sitting.server, sitting.room, sitting.seat, sitting.order_seed)
        for sitting in centre.sittings()
    }


def make_people(*trades: str) -> list[ToSeat]:
    return [ToSeat(row, TradeCode(trade), f"{row * 37 % 101:03d}".encode()) for row, trade in enumerate(trades)]


def seat(centre: SmallCentre, seed: str = "seed", rooms_per_site: int = 2) -> None:
    centre.run(seat_candidates, centre.config, centre.column_keys, SERVERS, seed, rooms_per_site=rooms_per_site)


def test_the_same_seed_seats_everybody_the_same(seated_centre: SmallCentre) -> None:
    before = seats_of(seated_centre)

    seat(seated_centre)

    assert seats_of(seated_centre) == before


def test_another_seed_gives_other_display_orders(seated_centre: SmallCentre) -> None:
    before = {place[3] for place in seats_of(seated_centre).values()}

    seat(seated_centre, "another")

    assert before.isdisjoint({place[3] for place in seats_of(seated_centre).values()})


def test_the_order_of_the_rows_in_the_roster_does_not_matter(seated_centre: SmallCentre, tmp_path: Path) -> None:
    before = seats_of(seated_centre)
    reversed_roster = write_csv(tmp_path / "r.csv", [make_roster_row(number) for number in range(6, 0, -1)])
    again = SmallCentre(open_engine("sqlite://"), seated_centre.config)

    again.run(import_roster, again.column_keys, reversed_roster, write_photos(tmp_path / "photos", range(1, 7)))
    seat(again)

    assert seats_of(again) == before


def test_each_candidate_sits_in_their_own_zone(seated_centre: SmallCentre) -> None:
    places = seats_of(seated_centre)

    assert {places[f"考生{number}"][0] for number in (1, 3, 5)} == {server_id("02")}
    assert {places[f"考生{number}"][0] for number in (2, 4, 6)} == {server_id("03")}


def test_each_site_has_its_rooms_with_spare_seats(seated_centre: SmallCentre) -> None:
    rooms = seated_centre.run(lambda work: work.db.scalars(select(PlannedRoom)).all())

    assert sorted((room.server, room.room, room.seats) for room in rooms) == [
        ("zone-02/1", "01", 4),
        ("zone-02/1", "02", 3),
        ("zone-03/1", "01", 4),
        ("zone-03/1", "02", 3),
    ]


def test_tickets_and_sittings_are_unique_and_tell_the_seat(seated_centre: SmallCentre) -> None:
    sittings = seated_centre.sittings()

    assert len({sitting.ticket_no for sitting in sittings}) == len({sitting.id for sitting in sittings}) == 6
    assert all(is_ticket_number(sitting.ticket_no) for sitting in sittings)
    assert all(
        sitting.ticket_no[2:8] == f"{sitting.server[5:7]}{sitting.room}{sitting.seat:02d}" for sitting in sittings
    )


def test_nobody_can_be_seated_from_an_empty_roster(centre: SmallCentre) -> None:
    with pytest.raises(NobodyOnRosterError):
        seat(centre)


def test_a_zone_without_a_server_is_named(seated_centre: SmallCentre) -> None:
    with pytest.raises(NoSiteError, match="唐山"):
        seated_centre.run(seat_candidates, seated_centre.config, seated_centre.column_keys, [server_id("02")], "seed")
    assert len(seats_of(seated_centre)) == 6


def test_a_room_beyond_99_seats_is_refused(seated_centre: SmallCentre) -> None:
    seating = replace(seated_centre.config.seating, spare_seats_per_room=98)
    seated_centre.config = replace(seated_centre.config, seating=seating)

    with pytest.raises(RoomTooLargeError, match="--rooms"):
        seat(seated_centre)


def test_neighbours_get_different_trades_where_the_mix_allows_it() -> None:
    people = make_people(*["a", "b", "c"] * 8)

    seated = [person.trade for person in arrange(people, columns=6)]

    beside = [(seated[place], seated[place - 1]) for place in range(len(seated)) if place % 6]
    in_front = [(seated[place], seated[place - 6]) for place in range(6, len(seated))]
    assert all(one != other for one, other in beside + in_front)


@given(st.lists(st.sampled_from("abcd"), max_size=60), st.integers(1, 4))
def test_dealing_loses_nobody_and_keeps_rooms_and_trades_even(trades: list[str], parts: int) -> None:
    people = make_people(*trades)

    rooms = deal(people, parts)

    assert sorted(person.row for room in rooms for person in room) == [person.row for person in people]
    sizes = [len(room) for room in rooms]
    assert max(sizes) - min(sizes) <= 1
    counts = [Counter(person.trade for person in room) for room in rooms]
    assert all(max(c[trade] for c in counts) - min(c[trade] for c in counts) <= 1 for trade in set(trades))


@given(st.lists(st.sampled_from("abcd"), max_size=40), st.integers(1, 8))
def test_arranging_a_room_loses_nobody(trades: list[str], columns: int) -> None:
    people = make_people(*trades)

    assert sorted(person.row for person in arrange(people, columns)) == [person.row for person in people]


@given(
    st.integers(2000, 2099), st.integers(2, 14), st.integers(1, 20), st.integers(1, 99), st.integers(0, 9), st.data()
)
def test_one_wrong_digit_never_makes_another_ticket(  # noqa: PLR0917 - one argument per part of the number
    year: int, institution: int, room: int, seat_no: int, place: int, data: st.DataObject
) -> None:
    ticket = ticket_number(year, f"{institution:02d}", RoomId(f"{room:02d}"), SeatNo(seat_no))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != ticket[place]]))

    assert is_ticket_number(ticket)
    assert sitting_number(ticket) == int(ticket[:8])
    assert not is_ticket_number(ticket[:place] + wrong + ticket[place + 1 :])
