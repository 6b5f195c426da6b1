"""``kaoping centre``, on the day: hold the opening keys ready, release them at the hour, take in answer packages."""

import time
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from exam_protocol.command_options import json_option, passphrase_option, read_passphrase
from exam_protocol.documents import Role
from exam_protocol.errors import InputFault, InputRefusedError, KaopingError, naming
from exam_protocol.exam_config import HEBEI
from exam_protocol.ids import server_file_name
from exam_protocol.paper import Purpose
from exam_server.centre.command_options import FILE, NEW_FOLDER, folder_option, report, write_outcome
from exam_server.centre.folder import Centre, open_centre, operator
from exam_server.services.collection import receive_answers
from exam_server.services.release import Released, open_opening_keys, release_files, release_keys
from exam_server.work import Work

_opening_keys_option = click.option(
    "--opening-keys", required=True, type=FILE, help="opening-keys.sealed, as kaoping bank seal wrote it."
)
_purpose_option = click.option(
    "--purpose", type=click.Choice([*Purpose]), default=Purpose.LIVE, show_default=True, help="Which papers."
)


@click.command()
@_opening_keys_option
@_purpose_option
@click.option("--out", type=NEW_FOLDER, help="Also write each release as a file, for zones that cannot fetch it.")
@folder_option
@passphrase_option
@json_option
def release(
    *,
    opening_keys: Path,
    purpose: str,
    out: Path | None,
    folder: Path,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Release the opening keys now; refused before the planned start."""
    centre = open_centre(folder)
    released = _armed(centre, opening_keys, purpose, read_passphrase(passphrase_file))()
    if out:
        files = centre.runner.run(operator(), release_files, centre.exam.session, Purpose(purpose))
        for server, envelope in files.items():
            write_outcome(out / server_file_name(server) / f"{purpose}.release", envelope)
    _tell(released, as_json=as_json)


@click.command()
@_opening_keys_option
@_purpose_option
@folder_option
@passphrase_option
@json_option
def arm(opening_keys: Path, purpose: str, folder: Path, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Unlock the opening keys into memory, wait for the planned start by this machine's clock, then release them."""
    centre = open_centre(folder)
    released = _armed(centre, opening_keys, purpose, read_passphrase(passphrase_file))
    starts_at = centre.exam.times.starts_at_utc
    with Console(stderr=True).status(f"密钥已待命，{starts_at.astimezone(HEBEI):%H:%M:%S} 发放 armed…"):
        while (left := (starts_at - centre.clock()).total_seconds()) > 0:
            time.sleep(min(left, 0.5))  # short, so that a clock that is set right meanwhile is noticed
    _tell(released(), as_json=as_json)


@click.command("import-answers")
@click.argument("files", type=FILE, nargs=-1, required=True)
@folder_option
@json_option
def import_answers(files: tuple[Path, ...], folder: Path, *, as_json: bool) -> None:
    """Take in answer packages from a USB stick; each file is verified, and none is taken when one is refused."""
    centre = open_centre(folder)
    sizes = centre.runner.run(operator(), _receive_all, centre, files)
    report(
        {"packages": len(sizes), "sittings": sum(sizes)},
        f"已收 {len(sizes)} 个答卷包，{sum(sizes)} 人。",
        as_json=as_json,
    )


def _receive_all(work: Work, centre: Centre, files: tuple[Path, ...]) -> list[int]:
    taken, faults = [], []
    for file in files:
        try:
            taken.append(receive_answers(work, centre.exam, centre.trust, file.read_bytes()).sittings)
        except KaopingError as refused:
            faults.append(InputFault(file.name, None, None, refused.what, refused.do))
    if faults:
        raise InputRefusedError(faults)
    return taken


def _armed(centre: Centre, opening_keys: Path, purpose: str, passphrase: str) -> Callable[[], Released]:
    centre_key = centre.key(Role.CENTRE_ENCRYPTION, passphrase).opening_key
    release_key = centre.key(Role.RELEASE, passphrase)
    with naming(opening_keys):
        keys = open_opening_keys(opening_keys.read_bytes(), centre_key, centre.exam)
    return lambda: centre.runner.run(
        operator(), release_keys, centre.exam, centre.trust, release_key, opening_keys=keys, purpose=Purpose(purpose)
    )


def _tell(released: Released, *, as_json: bool) -> None:
    words = f"已向 {released.servers} 个考点发放密钥" + (
        f"，{released.already} 个此前已发放。" if released.already else "。"
    )
    report({"released": released.servers, "already": released.already}, words, as_json=as_json)
