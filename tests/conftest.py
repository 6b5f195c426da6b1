"""What holds for all tests: a law is not refuted by a busy machine; database tests run where a database is given."""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("kaoping", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("kaoping")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests marked ``postgres`` to ``make databases``, which gives them a server of their own."""
    if "KAOPING_POSTGRES" in os.environ:
        return
    for_databases = [item for item in items if item.get_closest_marker("postgres")]
    if for_databases:
        config.hook.pytest_deselected(items=for_databases)
        items[:] = [item for item in items if item not in for_databases]
