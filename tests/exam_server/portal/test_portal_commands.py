"""`kaoping portal`: what it makes, what it refuses, and that nothing is half made."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from exam_protocol.errors import ConfigurationError, PackageBrokenError, SignatureInvalidError
from exam_protocol.publication import format_lookup_key
from exam_server.portal.cli import portal
from exam_server.portal.config import make_portal_folder

KEY = bytes(range(32))
Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *words: CliRunner().invoke(portal, [str(word) for word in words])


@pytest.fixture
def made(tmp_path: Path, publisher: Any, run: Run) -> Path:
    (tmp_path / "root.dsse").write_bytes(publisher.root)
    (tmp_path / "lookup.key").write_text(format_lookup_key(KEY))
    answer = run(
        *("init", "--folder", tmp_path / "portal", "--root", tmp_path / "root.dsse"),
        *("--fingerprint", publisher.fingerprint, "--lookup-key", tmp_path / "lookup.key"),
        *("--public-url", "https://kaoping.example/"),
    )
    assert answer.exit_code == 0, answer.output
    return tmp_path / "portal"


def test_a_publication_is_imported_by_command(made: Path, publisher: Any, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "publication.package"
    file.write_bytes(publisher.package(visible_from=datetime.now(UTC) + timedelta(hours=1)))
    answer = run("import", "--folder", made, "--json", file)
    assert json.loads(answer.output) == {"file": str(file), "revision": 1, "results": 1, "new": True}


@pytest.mark.parametrize("name", ["form.secret", "lookup.key"])
def test_secrets_are_readable_by_their_owner_alone(name: str, made: Path) -> None:
    assert (made / name).stat().st_mode & 0o077 == 0


def test_a_file_of_another_kind_is_refused(made: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "results.xlsx"
    file.write_bytes(b"PK\x03\x04")
    assert isinstance(run("import", "--folder", made, file).exception, PackageBrokenError)


def test_the_verify_page_is_written_as_one_file(made: Path, run: Run, tmp_path: Path) -> None:
    assert run("verify-file", "--folder", made, "--out", tmp_path / "verify.html").exit_code == 0
    page = (tmp_path / "verify.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page.replace("&#39;", "'")
    assert "src=" not in page


def test_a_root_with_another_fingerprint_is_refused(tmp_path: Path, publisher: Any, stranger: Any, clock: Any) -> None:
    with pytest.raises(SignatureInvalidError, match="指纹"):
        make_portal_folder(
            tmp_path / "portal",
            root=stranger.root,
            fingerprint=publisher.fingerprint,
            lookup_key=KEY,
            public_url="https://kaoping.example",
            now=clock(),
        )
    assert not (tmp_path / "portal").exists()


@pytest.mark.parametrize("url", ["http://kaoping.example", "http://192.0.2.7:8300", "kaoping.example"])
def test_an_address_without_tls_is_for_this_machine_alone(url: str, tmp_path: Path, publisher: Any, clock: Any) -> None:
    with pytest.raises(ConfigurationError, match="不是 https"):
        make_portal_folder(
            tmp_path / "portal",
            root=publisher.root,
            fingerprint=publisher.fingerprint,
            lookup_key=KEY,
            public_url=url,
            now=clock(),
        )


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::"])  # noqa: S104 - what must be refused
def test_beyond_this_machine_it_is_served_over_tls_alone(host: str, made: Path, run: Run) -> None:
    answer = run("serve", "--folder", made, "--host", host, "--port", "0")

    assert isinstance(answer.exception, ConfigurationError)
    assert "不能不加密" in answer.exception.what


@pytest.mark.parametrize("given", ["--tls-cert", "--tls-key"])
def test_half_of_a_certificate_never_means_plain_http(given: str, made: Path, run: Run) -> None:
    answer = run("serve", "--folder", made, "--port", "0", given, made / "portal.toml")

    assert isinstance(answer.exception, ConfigurationError)
    assert "--tls-cert 和 --tls-key" in answer.exception.do


def test_a_portal_is_not_made_over_another(made: Path, publisher: Any, clock: Any) -> None:
    with pytest.raises(ConfigurationError, match="已经有一个查询网站"):
        make_portal_folder(
            made,
            root=publisher.root,
            fingerprint=publisher.fingerprint,
            lookup_key=KEY,
            public_url="https://kaoping.example",
            now=clock(),
        )


@pytest.mark.parametrize("name", sorted(portal.commands))
def test_every_command_has_help(name: str, run: Run) -> None:
    answer = run(name, "--help")
    assert answer.exit_code == 0
    assert portal.commands[name].help
