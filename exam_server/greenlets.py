"""Turns threads into greenlets for the whole process, by gevent, without searching the disk at every step of it."""

from importlib import metadata
from typing import Any

from gevent import monkey


def patch_standard_library() -> None:
    """Do what ``gevent.monkey.patch_all`` does; must run before whatever is to be patched is imported.

    gevent tells its plugins of each module it patches, and reads the records of every installed package to find them,
    twenty-five times over: 0.2 s of CPU. It is given the answer of one reading.
    """
    search = metadata.entry_points
    found = search()

    def known(**asked: Any) -> Any:  # noqa: ANN401 - as the function it stands for
        return found.select(**asked)

    metadata.entry_points = known  # for the length of one call
    try:
        monkey.patch_all()
    finally:
        metadata.entry_points = search
