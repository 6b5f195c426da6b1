"""Options that several groups of ``kaoping`` share, so that they are spelled and read in one way."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from exam_protocol.catalogue import zones
from exam_protocol.errors import ConfigurationError
from exam_protocol.ids import ServerId, checked_server_id, server_id

F = TypeVar("F", bound=Callable[..., Any])

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File whose first line is the passphrase of the key files; without it you are asked.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")


def read_passphrase(file: Path | None, *, confirm: bool = False) -> str:
    """Read a passphrase from the first line of a file or ask for it unseen; never from an argument.

    Raises ``ConfigurationError`` when the file cannot be read or is empty.
    """
    if file is None:
        asked: str = click.prompt("口令 passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
        return asked
    try:
        first_line = file.read_text(encoding="utf-8-sig").partition("\n")[0].strip("\r")
    except (OSError, UnicodeDecodeError) as unreadable:
        raise ConfigurationError(f"读不到口令文件 {file}。", "请检查路径；文件应为 UTF-8 文本。") from unreadable
    if not first_line:
        raise ConfigurationError(f"口令文件 {file} 的第一行是空的。", "请把口令写在第一行。")
    return first_line


def servers_of(text: str) -> tuple[ServerId, ...]:
    """Read ``zone-02/1,zone-03/1`` or ``all`` (one site in each of the 13 zones).

    Raises ``MalformedMessageError`` for a name that is no server, ``ConfigurationError`` for one named twice.
    """
    if text == "all":
        return tuple(server_id(zone.institution_no) for zone in zones().values())
    servers = tuple(checked_server_id(name.strip()) for name in text.split(","))
    if len(set(servers)) != len(servers):
        raise ConfigurationError(f"“{text}”里有重复的考点服务器。", "每个服务器只写一次。")
    return servers
