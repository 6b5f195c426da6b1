"""Runs ``kaoping`` commands inside this process: the very path that people type, without a new Python."""

import contextlib
import io
import json
from typing import Any

from exam_protocol.cli import kaoping


def run_command(*words: object) -> str:
    """Run one command and return what it printed. Raises what the command raises."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        kaoping.main([str(word) for word in words], prog_name="kaoping", standalone_mode=False)
    return printed.getvalue()


def run_json(*words: object) -> dict[str, Any]:
    """Run one command with ``--json`` and return its object."""
    result: dict[str, Any] = json.loads(run_command(*words, "--json"))
    return result
