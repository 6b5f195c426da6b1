"""The forms that identifiers may take."""

import pytest

from exam_protocol.errors import MalformedMessageError
from exam_protocol.ids import (
    ServerId,
    SittingId,
    attempt_id,
    checked_server_id,
    server_file_name,
    server_id,
    sitting_of,
)


def test_a_server_is_named_after_its_institution_and_site() -> None:
    assert server_id("02") == "zone-02/1"
    assert server_id("14", 3) == "zone-14/3"


@pytest.mark.parametrize(
    "text", ["", "zone-01/1", "zone-15/1", "zone-2/1", "zone-02/0", "zone-02/10", "zone-02", "ZONE-02/1", "zone-02/1\n"]
)
def test_what_is_no_server_of_the_notice_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessageError):
        checked_server_id(text)


def test_a_file_name_cannot_hold_a_slash() -> None:
    assert server_file_name(ServerId("zone-02/1")) == "zone-02-1"


@pytest.mark.parametrize(("sitting", "number"), [(1, 1), (1, 99), (715, 1), (123_456, 42)])
def test_an_attempt_tells_its_sitting(sitting: int, number: int) -> None:
    assert sitting_of(attempt_id(SittingId(sitting), number)) == sitting


@pytest.mark.parametrize("number", [0, 100, -1])
def test_a_sitting_has_at_most_99_attempts(number: int) -> None:
    with pytest.raises(MalformedMessageError):
        attempt_id(SittingId(1), number)


def test_no_two_sittings_share_an_attempt() -> None:
    attempts = [attempt_id(SittingId(sitting), number) for sitting in range(1, 50) for number in range(1, 100)]

    assert len(attempts) == len(set(attempts))
