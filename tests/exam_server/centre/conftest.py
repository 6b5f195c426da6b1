"""A centre with a roster, and one whose exam is over, built anew in memory for each test."""

from pathlib import Path

import pytest
from centre_factories import (
    SERVERS,
    SmallCentre,
    make_answer_package,
    make_exam_config,
    make_roster_row,
    make_sitting_record,
    write_csv,
    write_photos,
)

from exam_server.db import open_engine
from exam_server.services.collection import receive_answers
from exam_server.services.roster import import_roster
from exam_server.services.seating import seat_candidates

PEOPLE = 6


@pytest.fixture
def centre(postgres_url: str | None) -> SmallCentre:
    """A centre without anybody."""
    return SmallCentre(open_engine(postgres_url or "sqlite://"), make_exam_config())


@pytest.fixture
def seated_centre(centre: SmallCentre, tmp_path: Path) -> SmallCentre:
    """Six candidates, three in each of two zones, with seats."""
    numbers = range(1, PEOPLE + 1)
    roster = write_csv(tmp_path / "roster.csv", [make_roster_row(number) for number in numbers])
    centre.run(import_roster, centre.column_keys, roster, write_photos(tmp_path / "photos", numbers))
    centre.run(seat_candidates, centre.config, centre.column_keys, SERVERS, "seed")
    return centre


@pytest.fixture
def collected_centre(seated_centre: SmallCentre) -> SmallCentre:
    """Everybody has handed in and both packages have come."""
    for server in SERVERS:
        sittings = [sitting for sitting in seated_centre.sittings() if sitting.server == server]
        records = [make_sitting_record(seated_centre, sitting) for sitting in sittings]
        package = make_answer_package(seated_centre, server, records)
        seated_centre.run(receive_answers, seated_centre.config, seated_centre.trust, package, server)
    return seated_centre
