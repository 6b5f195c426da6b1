"""Answer packages: verified before they are kept, kept as they came, and never taken for another server's."""

import pytest
from centre_factories import SERVERS, SmallCentre, make_answer_package, make_sitting_record
from sqlalchemy import select

from exam_protocol.errors import (
    PackageBrokenError,
    PartDigestMismatchError,
    SignatureInvalidError,
    WrongServerError,
)
from exam_protocol.exchange import AnswersTaken
from exam_protocol.ids import ServerId
from exam_server.models.packages import ReceivedAnswers
from exam_server.services.collection import receive_answers


def make_package(centre: SmallCentre, server: ServerId = SERVERS[0], signed_by: ServerId | None = None) -> bytes:
    records = [make_sitting_record(centre, sitting) for sitting in centre.sittings() if sitting.server == server]
    return make_answer_package(centre, server, records, signed_by=signed_by)


def receive(centre: SmallCentre, package: bytes, server: ServerId | None = None) -> AnswersTaken:
    taken: AnswersTaken = centre.run(receive_answers, centre.config, centre.trust, package, server)
    return taken


def kept(centre: SmallCentre) -> list[str]:
    return list(centre.run(lambda work: work.db.scalars(select(ReceivedAnswers.server)).all()))


def test_a_package_brought_again_gets_the_same_answer(seated_centre: SmallCentre) -> None:
    package = make_package(seated_centre)

    first = receive(seated_centre, package, SERVERS[0])
    seated_centre.wait(minutes=5)

    assert receive(seated_centre, package, SERVERS[0]) == first
    assert kept(seated_centre) == [SERVERS[0]]
    assert first.sittings == 3


def test_a_package_from_a_usb_stick_need_not_say_whose_it_is(seated_centre: SmallCentre) -> None:
    assert receive(seated_centre, make_package(seated_centre, SERVERS[1])).server == SERVERS[1]


def test_a_package_sealed_anew_is_kept_beside_the_first(seated_centre: SmallCentre) -> None:
    receive(seated_centre, make_package(seated_centre))
    receive(seated_centre, make_package(seated_centre))

    assert kept(seated_centre) == [SERVERS[0], SERVERS[0]]


def test_a_package_signed_by_another_server_is_refused(seated_centre: SmallCentre) -> None:
    package = make_package(seated_centre, SERVERS[0], signed_by=SERVERS[1])

    with pytest.raises(SignatureInvalidError):
        receive(seated_centre, package, SERVERS[0])
    with pytest.raises(WrongServerError, match="zone-02/1"):
        receive(seated_centre, package)
    assert kept(seated_centre) == []


@pytest.mark.parametrize(
    ("damage", "error"),
    [
        (lambda package: package[:-1], PackageBrokenError),
        (lambda package: package + b"x", PackageBrokenError),
        (lambda package: package[:-1] + bytes([package[-1] ^ 1]), PartDigestMismatchError),
        (lambda package: b"PK" + package, PackageBrokenError),
        (lambda _package: b"", PackageBrokenError),
    ],
    ids=["cut short", "longer", "bit flipped", "not a package", "empty"],
)
def test_a_damaged_package_is_refused_by_name_and_not_kept(
    seated_centre: SmallCentre, damage: "object", error: type[Exception]
) -> None:
    with pytest.raises(error):
        receive(seated_centre, damage(make_package(seated_centre)))  # type: ignore[operator]  # a table of functions
    assert kept(seated_centre) == []
