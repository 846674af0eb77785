"""What is fetched of others is fetched rarely, by one for all, and never covered up."""

from __future__ import annotations

import asyncio

import pytest

from chatwarden.clock import MINUTE, SECOND, ManualClock
from chatwarden.errors import NotAccepted
from chatwarden.identity.company.kept import ANEW, FRESH, RETRY, STALE, Kept
from chatwarden.outgoing import Unreachable


class Source:
    """Counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.fault: Exception | None = None

    async def __call__(self) -> int:
        self.asked += 1
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        return self.asked


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def kept(source: Source) -> Kept[int]:
    return Kept(source)


async def test_it_is_fetched_once_for_all_and_again_when_it_is_old(source: Source, kept: Kept[int]) -> None:
    clock = ManualClock()
    assert set(await asyncio.gather(*(kept.get(clock.now()) for _ in range(50)))) == {1}
    clock.advance(FRESH - 1)
    assert await kept.get(clock.now()) == 1
    clock.advance(1)
    assert await kept.get(clock.now()) == 2
    assert source.asked == 2


async def test_nobody_can_make_it_be_fetched_more_than_once_a_minute(source: Source, kept: Kept[int]) -> None:
    clock = ManualClock()
    assert await kept.get(clock.now(), anew=True) == 1
    for _ in range(59):
        clock.advance(SECOND)
        assert await kept.get(clock.now(), anew=True) == 1
    clock.advance(SECOND)
    assert await kept.get(clock.now(), anew=True) == 2
    assert ANEW == MINUTE
    assert source.asked == 2


async def test_while_there_is_no_answer_the_old_one_is_used_until_it_is_stale(source: Source, kept: Kept[int]) -> None:
    clock = ManualClock()
    await kept.get(clock.now())
    source.fault = Unreachable("down")
    clock.advance(FRESH)
    assert await kept.get(clock.now()) == 1
    assert await kept.get(clock.now()) == 1
    assert source.asked == 2  # asked again only after a pause
    clock.advance(STALE - FRESH)
    with pytest.raises(Unreachable):
        await kept.get(clock.now())
    with pytest.raises(Unreachable):
        await kept.get(clock.now())
    assert source.asked == 3
    source.fault = None
    clock.advance(RETRY)
    assert await kept.get(clock.now()) == 4


async def test_an_answer_that_is_refused_is_not_covered_up_by_an_old_one(source: Source, kept: Kept[int]) -> None:
    clock = ManualClock()
    await kept.get(clock.now())
    source.fault = NotAccepted("metadata-issuer")
    clock.advance(FRESH)
    with pytest.raises(NotAccepted):
        await kept.get(clock.now())
    clock.advance(SECOND)
    with pytest.raises(Unreachable):
        await kept.get(clock.now())
    assert source.asked == 2
