"""A home with a run folder, and a client of its keeper."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tests.world.keepers import end_keeper

from chatwarden.ephemeral.holder import Holder


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "run").mkdir(mode=0o700)
    yield tmp_path
    end_keeper(tmp_path)


@pytest.fixture
async def holder(home: Path) -> AsyncIterator[Holder]:
    made = Holder(home / "run")
    yield made
    await made.close()
