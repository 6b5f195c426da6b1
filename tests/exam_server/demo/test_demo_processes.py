"""Child processes of a demo: their output can be read from the first moment on, and their end is noticed."""

import time
from pathlib import Path

import pytest

from exam_server.demo.processes import Children, ProcessFailedError


def test_output_can_be_read_before_the_process_has_written_any(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children:
        child = children.start("version", "--version")
        assert isinstance(child.output(), str)
        child.wait(time.monotonic() + 60)
        assert "kaoping" in child.output()


def test_a_process_that_fails_is_told_with_the_place_of_its_log(tmp_path: Path) -> None:
    with Children(tmp_path / "logs") as children:
        child = children.start("broken", "zone", "serve", "--folder", str(tmp_path / "nothing"))
        with pytest.raises(ProcessFailedError, match="broken"):
            child.wait(time.monotonic() + 60)
        assert not child.is_running
