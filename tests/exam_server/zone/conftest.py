"""A zone with its packages imported and its rooms open, twenty minutes before the start."""

from pathlib import Path

import pytest
from zone_rig import Zone


@pytest.fixture
def empty_zone(tmp_path: Path, postgres_url: str | None) -> Zone:
    return Zone(tmp_path, postgres_url)


@pytest.fixture
def zone(empty_zone: Zone) -> Zone:
    return empty_zone.prepare()
