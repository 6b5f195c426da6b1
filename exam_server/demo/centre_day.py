"""The centre's part of a demo: its server, the release at the hour, marking, results and what is written from them."""

import hashlib
from pathlib import Path
from typing import Any

from exam_server.demo.commands import run_command, run_json
from exam_server.demo.processes import Children
from exam_server.demo.stage import Stage
from exam_server.demo.zone_process import free_port


def start_centre(stage: Stage, children: Children) -> str:
    """Serve the centre on a free port; returns its address."""
    port = free_port()
    children.start("centre", "centre", "serve", "--folder", str(stage.centre), "--port", str(port))
    return f"http://127.0.0.1:{port}"


def release(stage: Stage) -> None:
    """Release the opening keys of the live papers; the centre refuses before the hour."""
    keys = stage.packages / "opening-keys.sealed"
    run_command("centre", "release", "--opening-keys", keys, *_at_centre(stage), *_secret(stage))


def score(stage: Stage) -> dict[str, Any]:
    """Check, open and mark every package; returns the counts of the scoring run."""
    return run_json("centre", "score", *_answer_keys(stage), *_at_centre(stage), *_secret(stage))


def write_results(stage: Stage) -> tuple[dict[str, Any], Path]:
    """Join theory and practical marks and write the canonical results file; returns the counts and its path."""
    path = stage.folder / "results" / "results.csv"
    return run_json("centre", "results", "--out", path, *_at_centre(stage)), path


def write_statistics(stage: Stage) -> Path:
    """Write the statistics workbook."""
    path = stage.folder / "results" / "statistics.xlsx"
    run_command("centre", "statistics", "--out", path, *_answer_keys(stage), *_at_centre(stage), *_secret(stage))
    return path


def write_tickets(stage: Stage, *options: str) -> Path:
    """Write admission tickets, of every room or of the one that ``--room`` names."""
    folder = stage.folder / "tickets"
    run_command("centre", "tickets", "--out", folder, "--sample", *options, *_at_centre(stage), "--json")
    return folder


def write_activation_codes(stage: Stage) -> Path:
    """Give every candidate a code for the portal, one list per unit; needed before publishing."""
    folder = stage.folder / "activation-codes"
    run_command("centre", "activation-codes", "--out", folder, *_at_centre(stage))
    return folder


def publish(stage: Stage) -> Path:
    """Write the signed publication package for the portal."""
    path = stage.folder / "results" / "publication.package"
    run_command("centre", "publish", "--out", path, "--sample", *_at_centre(stage), *_secret(stage))
    return path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _at_centre(stage: Stage) -> tuple[str, Path]:
    return "--folder", stage.centre


def _secret(stage: Stage) -> tuple[str, Path]:
    return "--passphrase-file", stage.passphrase_file


def _answer_keys(stage: Stage) -> tuple[str, Path]:
    return "--answer-keys", stage.packages / "answer-keys-live.package"
