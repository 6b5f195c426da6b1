"""Kiosk processes of a demo: a seat of its own, or many seats as greenlets of one process."""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from exam_server.demo.processes import Child, Children
from exam_server.demo.stage import Stage
from kiosk_client.config import KioskConfig
from kiosk_client.robot import FleetSeat


def write_kiosk_config(path: Path, config: KioskConfig) -> Path:
    """Write the TOML file of one seat; returns its path."""
    # A JSON string or number is the same value in TOML.
    settings = {name: value for name, value in msgspec.structs.asdict(config).items() if value is not None}
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}\n" for name, value in settings.items()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def start_lone_kiosk(stage: Stage, children: Children, name: str, seat: FleetSeat) -> Child:
    """Start one scripted seat in a process of its own."""
    config_file = write_kiosk_config(stage.seats / f"{name}.toml", seat.config)
    script_file = stage.seats / f"{name}.json"
    script_file.write_bytes(msgspec.json.encode(seat.script))
    words = ("--config", str(config_file), "--headless", "--script", str(script_file), "--json")
    return children.start(name, "kiosk", "run", *words)


def start_fleet(stage: Stage, children: Children, name: str, seats: Sequence[FleetSeat]) -> Child:
    """Start many scripted seats in one process."""
    path = stage.seats / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode(seats))
    return children.start(name, "kiosk", "fleet", "--seats", str(path), "--json")
