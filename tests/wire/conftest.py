"""A site in its own process, and kiosks at it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from wire_zone import WireKiosk, ZoneProcess


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.wire)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[ZoneProcess]:
    """A site whose rooms are open; not yet serving."""
    zone = ZoneProcess(tmp_path)
    yield zone
    if zone.process is not None:
        zone.kill()


@pytest.fixture
def seats(site: ZoneProcess) -> Iterator[list[WireKiosk]]:
    """Three enrolled and connected kiosks of a serving site."""
    site.serve()
    kiosks = [WireKiosk(site, seat).connect() for seat in (1, 2, 3)]
    yield kiosks
    for kiosk in kiosks:
        kiosk.close()
