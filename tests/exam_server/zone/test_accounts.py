"""Staff sign in by name; wrong passwords lock; a sign-in can be ended at once."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from zone_rig import Zone

from exam_server.services.accounts import (
    NameTakenError,
    PasswordTooWeakError,
    SignInFailed,
    add_account,
    find_staff,
    is_right_password,
    password_hash_of,
    sign_in_staff,
    sign_out_staff,
)

HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "春天的石家庄很美2026"


@pytest.fixture
def staffed(zone: Zone) -> Zone:
    zone.run(add_account, "li", "李敏华", frozenset({"invigilator"}), password=PASSWORD, hasher=HASHER)
    return zone


def sign_in(zone: Zone, password: str, cookie: str = "t1", name: str = "li") -> object:
    is_right = is_right_password(zone.run(password_hash_of, name), password, HASHER)
    return zone.run(sign_in_staff, name, is_right=is_right, token=cookie)


def test_the_right_password_gives_a_sign_in_with_its_roles(staffed: Zone) -> None:
    sign_in(staffed, PASSWORD)
    member = staffed.run(find_staff, "t1")
    assert (member.shown_name, member.roles) == ("李敏华", {"invigilator"})


def test_neither_password_nor_cookie_is_in_the_database(staffed: Zone) -> None:
    sign_in(staffed, PASSWORD, "secret-cookie")
    everything = str(staffed.rows("staff_account")) + str(staffed.rows("staff_session"))
    assert PASSWORD not in everything
    assert "secret-cookie" not in everything


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(staffed: Zone) -> None:
    wrong, unknown = sign_in(staffed, "wrong"), sign_in(staffed, PASSWORD, name="wang")
    assert isinstance(wrong, SignInFailed)
    assert wrong == unknown


def test_after_five_wrong_passwords_even_the_right_one_waits_ten_minutes(staffed: Zone) -> None:
    for _ in range(5):
        sign_in(staffed, "wrong")
    assert isinstance(sign_in(staffed, PASSWORD), SignInFailed)
    staffed.now += timedelta(minutes=10)
    assert not isinstance(sign_in(staffed, PASSWORD), SignInFailed)


def test_signing_out_ends_the_cookie(staffed: Zone) -> None:
    sign_in(staffed, PASSWORD)
    staffed.run(sign_out_staff, "t1")
    assert staffed.run(find_staff, "t1") is None


def test_a_sign_in_ends_after_twelve_hours(staffed: Zone) -> None:
    sign_in(staffed, PASSWORD)
    staffed.now += timedelta(hours=12)
    assert staffed.run(find_staff, "t1") is None


def test_a_name_is_taken_once(staffed: Zone) -> None:
    with pytest.raises(NameTakenError):
        staffed.run(add_account, "li", "李某", frozenset({"chief"}), password=PASSWORD, hasher=HASHER)


def test_a_short_password_is_refused(zone: Zone) -> None:
    with pytest.raises(PasswordTooWeakError):
        zone.run(add_account, "li", "李敏华", frozenset({"chief"}), password="123456", hasher=HASHER)
