"""Marks every test here ``faults``: real processes that are killed, real disks that fail. Run by ``make faults``.

The moments are random; a failing test prints its seed, and ``KAOPING_SEED`` gives the same moments again.
"""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_rig import FaultySite, Witness


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave them out unless they are asked for by their mark: they take minutes."""
    ours = [item for item in items if Path(__file__).parent in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.faults)
        item.add_marker(pytest.mark.timeout(240))
    if ours and "faults" not in config.getoption("markexpr"):
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture
def chance() -> random.Random:
    """Choose moments and amounts."""
    seed = os.environ.get("KAOPING_SEED") or str(random.SystemRandom().randrange(10**6))
    print(f"KAOPING_SEED={seed}")  # noqa: T201 - shown when the test fails
    return random.Random(seed)  # noqa: S311 - chooses moments


@pytest.fixture
def site(tmp_path: Path) -> Iterator[FaultySite]:
    """A serving zone whose rooms are open."""
    zone = FaultySite(tmp_path)
    zone.serve()
    yield zone
    if zone.process is not None:
        zone.kill()


@pytest.fixture
def witness() -> Witness:
    return Witness()
