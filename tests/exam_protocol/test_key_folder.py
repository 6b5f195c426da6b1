"""A folder of keys: made once, read by role, never overwritten."""

from pathlib import Path

import pytest
from factories import NOW

from exam_protocol.documents import Role
from exam_protocol.envelope import key_id
from exam_protocol.errors import ConfigurationError, SignatureInvalidError, WrongPassphraseError
from exam_protocol.ids import ExamId, ServerId
from exam_protocol.key_folder import EXAM_ROLES, SERVER_ROLES, make_key_folder, read_key, read_trust
from exam_protocol.keys import CHEAPEST_KDF, Trust, root_fingerprint

SERVERS = [ServerId("zone-02/1"), ServerId("zone-14/1")]


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return make_key_folder(tmp_path, ExamId("2026-technician"), SERVERS, "口令", NOW, cost=CHEAPEST_KDF)


def test_a_folder_holds_one_key_per_role_and_server(tmp_path: Path, trust: Trust) -> None:
    named = {(key.role, key.scope): key.public_key for key in trust.root.keys}

    assert len(named) == len(EXAM_ROLES) + len(SERVERS) * len(SERVER_ROLES)
    assert all(read_key(tmp_path, role, "口令", scope).public_key == public for (role, scope), public in named.items())


def test_no_two_roles_share_a_key(trust: Trust) -> None:
    ids = [key_id(key.public_key) for key in trust.root.keys]

    assert len(set(ids)) == len(ids)


def test_key_files_are_for_their_owner_only(tmp_path: Path, trust: Trust) -> None:
    del trust

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_the_root_is_read_back_and_pinned(tmp_path: Path, trust: Trust) -> None:
    assert read_trust(tmp_path, root_fingerprint(trust.root), NOW).root == trust.root
    with pytest.raises(SignatureInvalidError):
        read_trust(tmp_path, "0123456789abcdef", NOW)


def test_a_folder_that_holds_keys_is_not_written_again(tmp_path: Path, trust: Trust) -> None:
    del trust
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(ConfigurationError):
        make_key_folder(tmp_path, ExamId("other"), SERVERS, "口令", NOW, cost=CHEAPEST_KDF)

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_key_needs_the_passphrase(tmp_path: Path, trust: Trust) -> None:
    del trust
    with pytest.raises(WrongPassphraseError):
        read_key(tmp_path, Role.PAPER, "wrong")


@pytest.mark.parametrize(("role", "scope"), [(Role.ZONE, "zone-03/1"), (Role.ZONE, ""), (Role.PAPER, "zone-02/1")])
def test_a_key_that_is_not_there_is_named(tmp_path: Path, trust: Trust, role: Role, scope: str) -> None:
    del trust
    with pytest.raises(ConfigurationError):
        read_key(tmp_path, role, "口令", scope)


def test_a_key_file_under_another_keys_name_is_refused(tmp_path: Path, trust: Trust) -> None:
    del trust
    (tmp_path / "release.key").write_bytes((tmp_path / "paper.key").read_bytes())
    with pytest.raises(ConfigurationError):
        read_key(tmp_path, Role.RELEASE, "口令")
