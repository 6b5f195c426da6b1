"""``kaoping centre``, before the exam: roster, seats, tickets, rosters for the zones, activation codes."""

import re
import secrets
from pathlib import Path

import click
from rich.progress import track

from exam_protocol.command_options import json_option, passphrase_option, read_passphrase
from exam_protocol.documents import Role
from exam_protocol.ids import server_file_name
from exam_server.centre.command_options import FILE, NEW_FOLDER, folder_option, report, write_outcome
from exam_server.centre.folder import open_centre, operator
from exam_server.documents.tickets import render_tickets
from exam_server.services import activation_codes as codes
from exam_server.services import roster, seating, zone_rosters
from exam_server.services.collection import servers_of_root
from exam_server.services.tickets import ticket_pages

_NOT_IN_FILE_NAMES = re.compile(r'[\\/:*?"<>|\s.]+')


@click.command("import-roster")
@click.argument("file", type=FILE)
@click.option("--photos", required=True, type=click.Path(path_type=Path, exists=True), help="Folder or zip of photos.")
@folder_option
@json_option
def import_roster(file: Path, photos: Path, folder: Path, *, as_json: bool) -> None:
    """Take a roster (.xlsx, .csv) with its photos; all faults are told at once, and then nothing is taken."""
    centre = open_centre(folder)
    count = centre.runner.run(operator(), roster.import_roster, centre.column_keys, file, photos)
    report({"candidates": count}, f"已导入 {count} 名考生。", as_json=as_json)


@click.command()
@click.option("--seed", help="Fixes seats and display orders; without it a secret one is made and kept.")
@click.option("--rooms", default=2, show_default=True, type=click.IntRange(1, 20), help="Rooms per site.")
@folder_option
@json_option
def seat(seed: str | None, rooms: int, folder: Path, *, as_json: bool) -> None:
    """Seat everybody: rooms, seats, ticket numbers. Doing it again seats everybody anew, until papers are released."""
    centre = open_centre(folder)
    done = centre.runner.run(
        operator(),
        seating.seat_candidates,
        centre.exam,
        centre.column_keys,
        servers_of_root(centre.trust),
        seed or secrets.token_hex(16),
        rooms_per_site=rooms,
    )
    facts = {"candidates": done.candidates, "rooms": done.rooms, "servers": done.servers}
    report(facts, f"已编排 {done.candidates} 人，{done.rooms} 个考场，{done.servers} 个考点。", as_json=as_json)


@click.command()
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder for one PDF per room.")
@click.option("--sample", is_flag=True, help="Print 样张 behind each page.")
@click.option("--room", "only", help="Only this room, e.g. zone-02/1:01.")
@folder_option
@json_option
def tickets(out: Path, only: str | None, folder: Path, *, sample: bool, as_json: bool) -> None:
    """Write the admission tickets as PDF, one file per room, one page per candidate."""
    centre = open_centre(folder)
    rooms = centre.runner.run(
        operator(),
        ticket_pages,
        centre.exam,
        centre.column_keys,
        issuer=centre.settings.issuer,
        is_sample=sample,
    )
    chosen = {place: pages for place, pages in rooms.items() if only in (None, f"{place[0]}:{place[1]}")}
    if not chosen:
        raise click.BadParameter(f"没有考场 {only}。", param_hint="--room")
    for (server, room), pages in track(sorted(chosen.items()), "准考证 tickets", disable=as_json):
        write_outcome(out / f"{server_file_name(server)}-{room}.pdf", render_tickets(pages))
    count = sum(len(pages) for pages in chosen.values())
    report({"tickets": count, "files": len(chosen)}, f"已生成 {count} 张准考证，在 {out}。", as_json=as_json)


@click.command()
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder; each server gets zone-NN-S/roster.package in it.")
@folder_option
@passphrase_option
@json_option
def rosters(out: Path, folder: Path, passphrase_file: Path | None, *, as_json: bool) -> None:
    """Write the roster package of every server, sealed to it and signed."""
    centre = open_centre(folder)
    key = centre.key(Role.ROSTER, read_passphrase(passphrase_file))
    packages = centre.runner.run(
        operator(), zone_rosters.make_zone_rosters, centre.exam, centre.column_keys, centre.trust, key
    )
    for server, package in packages.items():
        write_outcome(out / server_file_name(server) / "roster.package", package)
    report({"rosters": len(packages)}, f"已生成 {len(packages)} 个考点的名册包，在 {out}。", as_json=as_json)


@click.command("activation-codes")
@click.option("--out", required=True, type=NEW_FOLDER, help="Folder for one list per unit.")
@folder_option
@json_option
def activation_codes(out: Path, folder: Path, *, as_json: bool) -> None:
    """Give everybody a new activation code for the portal and write one list per unit. Earlier codes become void."""
    centre = open_centre(folder)
    lists = centre.runner.run(operator(), codes.make_activation_codes, centre.column_keys, centre.lookup_key)
    for number, (unit, content) in enumerate(lists.items(), start=1):
        write_outcome(out / f"{number:04d}-{_NOT_IN_FILE_NAMES.sub('_', unit)[:60]}.csv", content)
    report({"units": len(lists)}, f"已为 {len(lists)} 个单位生成激活码清单，在 {out}。", as_json=as_json)
