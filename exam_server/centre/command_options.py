"""Options and output that the commands of the centre share."""

import json
from pathlib import Path
from typing import Any

import click

FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
NEW_FILE = click.Path(path_type=Path, dir_okay=False)
FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
NEW_FOLDER = click.Path(path_type=Path, file_okay=False)

folder_option = click.option("--folder", required=True, type=NEW_FOLDER, help="The centre's folder.")


def report(facts: dict[str, Any], words: str, *, as_json: bool = False) -> None:
    """Print the outcome: one JSON object for machines, a sentence for people."""
    click.echo(json.dumps(facts, ensure_ascii=False) if as_json else words)


def write_outcome(path: Path, content: bytes) -> None:
    """Write a file that a command makes, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
