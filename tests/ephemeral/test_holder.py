"""The gateway's side of the keeper: shares are found while their keeper lives, and only then."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.world.keepers import end_keeper, until

from chatwarden.clock import HOUR
from chatwarden.ephemeral.holder import Holder
from chatwarden.ephemeral.keeper import DONE
from chatwarden.ephemeral.vault import HolderLost

NAMES = [number.to_bytes(20, "big") for number in range(10)]


async def test_a_share_comes_back_until_it_is_dropped(holder: Holder) -> None:
    made = [await holder.make(name, HOUR) for name in NAMES]
    assert len(set(made)) == len(NAMES)
    assert {len(share) for share in made} == {32}
    assert await holder.fetch(NAMES) == dict(zip(NAMES, made, strict=True))
    await holder.drop(NAMES[:3])
    assert list(await holder.fetch(NAMES)) == NAMES[3:]
    assert await holder.fetch([]) == {}


async def test_it_outlives_the_gateway_and_its_signals(home: Path) -> None:
    """The client is a process of its own that is killed, with everything in its process group."""
    script = (
        "import asyncio, sys\nfrom pathlib import Path\nfrom chatwarden.ephemeral.holder import Holder\n"
        "async def main():\n    holder = Holder(Path(sys.argv[1]))\n"
        "    print((await holder.make(bytes(20), 10**9)).hex(), flush=True)\n    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    client = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(home / "run"), stdout=subprocess.PIPE, start_new_session=True
    )
    assert client.stdout is not None
    share = bytes.fromhex((await client.stdout.readline()).decode())
    os.killpg(client.pid, signal.SIGKILL)
    await client.wait()
    holder = Holder(home / "run")
    assert await holder.fetch([bytes(20)]) == {bytes(20): share}
    await holder.close()


async def test_when_it_is_killed_its_shares_are_lost_and_the_next_one_is_another(holder: Holder, home: Path) -> None:
    await holder.make(NAMES[0], HOUR)
    before = holder.instance
    end_keeper(home, signal.SIGKILL)
    await until(lambda: not holder.connected)
    assert await holder.fetch(NAMES) == {}
    assert holder.instance not in {b"", before}


async def test_many_requests_share_one_connection(holder: Holder) -> None:
    names = [number.to_bytes(20, "big") for number in range(2_000)]
    made = await asyncio.gather(*(holder.make(name, HOUR) for name in names))
    assert await holder.fetch(names) == dict(zip(names, made, strict=True))


async def test_who_is_cancelled_stops_though_the_answer_comes_in_the_same_instant(holder: Holder) -> None:
    """Work in the background that went on instead would keep a gateway from stopping."""
    await holder.connect()
    asking = asyncio.create_task(holder.drop(NAMES))
    await asyncio.sleep(0)  # it has asked
    (answer,) = holder._answers.values()
    answer.set_result((DONE, b""))
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_keeper_that_does_not_answer_is_lost(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatwarden.ephemeral.holder._WAIT", 0.1)

    async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_unix_server(says_nothing, home / "run" / "keeper.sock")
    holder = Holder(home / "run")
    with pytest.raises(HolderLost):
        await holder.make(NAMES[0], HOUR)
    await holder.close()
    silent.close()


def test_a_home_with_a_long_path_has_a_keeper_too(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 30) / "run"
    folder.mkdir(parents=True)

    async def there() -> None:
        holder = Holder(folder)
        assert len(await holder.make(NAMES[0], HOUR)) == 32
        await holder.close()

    asyncio.run(there())
    assert end_keeper(folder.parent) != 0
