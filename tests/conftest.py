"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.world.gateway import Gateway, running

# A slow machine is no fault of the code: no wall-clock time is asserted.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

UNLIMITED = """
[limits]
messages = "off"
visitors = "off"
logins = "off"
connections_per_peer = 2000
new_connections_per_peer = "off"
"""


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One real gateway in lab mode, shared: tests make sessions and conversations of their own in it."""
    home: Path = tmp_path_factory.mktemp("shared") / "home"
    with running(home, UNLIMITED) as started:
        yield started
