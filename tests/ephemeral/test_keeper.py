"""The keeper as a process: what it holds is in its memory, and nowhere else."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import inspect
import os
import re
import selectors
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.world.keepers import end_keeper, keeper_of, until

from chatwarden.clock import HOUR, MINUTE
from chatwarden.ephemeral import keeper
from chatwarden.ephemeral.holder import Holder

NAMES = [number.to_bytes(20, "big") for number in range(10)]


def in_memory(pid: int, wanted: bytes) -> bool:
    """Whether *wanted* is in the memory of a process: read as root reads it."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line)
            if found is None or "[v" in line:
                continue
            begins, ends = (int(part, 16) for part in found.groups())
            with contextlib.suppress(OSError):
                memory.seek(begins)
                if wanted in memory.read(ends - begins):
                    return True
    return False


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def test_what_is_dropped_or_due_is_no_longer_in_its_memory(holder: Holder, home: Path) -> None:
    kept, dropped, due = [await holder.make(name, life) for name, life in zip(NAMES, (HOUR, HOUR, 1), strict=False)]
    pid = keeper_of(home)
    assert in_memory(pid, kept)  # the test can see
    await holder.drop([NAMES[1]])
    await until(lambda: not in_memory(pid, dropped))
    await until(lambda: not in_memory(pid, due))
    assert await holder.fetch(NAMES) == {NAMES[0]: kept}


async def test_its_pages_are_locked_it_cannot_be_dumped_and_has_no_file_that_can_be_written(
    holder: Holder, home: Path
) -> None:
    await holder.make(NAMES[0], HOUR)
    pid = keeper_of(home)
    assert int(status(pid)["VmLck"].split()[0]) >= 1_024
    assert holder.level == ""
    assert {"lo", "dd", "dc"} <= flags_of_regions(pid)  # locked; in no core file; in no child
    assert core_limit(pid) == "0"
    assert files_that_can_be_written(pid) == []


def flags_of_regions(pid: int) -> set[str]:
    """What holds for every region of shares in the memory of a keeper (smaps, proc(5))."""
    text = Path(f"/proc/{pid}/smaps").read_text()
    regions = re.findall(r"^Size: +(\d+) kB\n(?:\w.*\n)*?VmFlags: (.*)$", text, re.MULTILINE)
    flags = [set(flags.split()) for size, flags in regions if int(size) * 1024 == keeper._REGION]
    assert flags
    return set.intersection(*flags)


async def test_where_memory_cannot_be_locked_it_says_so(home: Path) -> None:
    """As for a service without LimitMEMLOCK: an ordinary user who may lock nothing."""
    user = 65_534 if os.geteuid() == 0 else os.geteuid()
    for folder in [home, *home.parents[:3]]:
        folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(home / "run", user, user)
    python = getattr(sys, "_base_executable", sys.executable)
    process = await asyncio.create_subprocess_exec(
        "prlimit", "--memlock=0:0", python, "-I", "-c", inspect.getsource(keeper), str(home / "run"),
        user=user, stdout=subprocess.DEVNULL, cwd="/",
    )  # fmt: skip
    await until(lambda: keeper_of(home) != 0)
    reader, writer = await asyncio.open_unix_connection(home / "run" / "keeper.sock")
    writer.write(keeper.FRAME.pack(0, 1, keeper.HELLO))
    length, _, _ = keeper.FRAME.unpack(await reader.readexactly(keeper.FRAME.size))
    assert (await reader.readexactly(length))[16:] == b"memory cannot be locked"
    writer.close()
    process.terminate()
    await process.wait()


def core_limit(pid: int) -> str:
    return str(re.findall(r"Max core file size +(\S+)", Path(f"/proc/{pid}/limits").read_text())[0])


def files_that_can_be_written(pid: int) -> list[Path]:
    """Regular files that a process has open for writing."""
    found = []
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        flags = int(re.findall(r"flags:\s*(\d+)", Path(f"/proc/{pid}/fdinfo/{entry.name}").read_text())[0], 8)
        target = entry.readlink()
        if flags & os.O_ACCMODE != os.O_RDONLY and target.is_absolute() and target.is_file():
            found.append(target)
    return found


def owner_of_memory(pid: int) -> int:
    return Path(f"/proc/{pid}/mem").stat().st_uid


async def test_its_own_user_cannot_read_its_memory(home: Path) -> None:
    """What below /proc belongs to a process that cannot be dumped belongs to root, whoever runs it (proc(5))."""
    user = 65_534 if os.geteuid() == 0 else os.geteuid()
    for folder in [home, *home.parents[:3]]:
        folder.chmod(0o755)
    if os.geteuid() == 0:
        os.chown(home / "run", user, user)
    python = getattr(sys, "_base_executable", sys.executable)
    other = "import time; time.sleep(60)"
    running = [
        await asyncio.create_subprocess_exec(
            python, "-I", "-c", source, str(home / "run"), user=user, stdout=subprocess.DEVNULL, cwd="/"
        )
        for source in (inspect.getsource(keeper), other)
    ]
    await until((home / "run" / "keeper.sock").exists)
    owners = [owner_of_memory(process.pid) for process in running]
    for process in running:
        process.terminate()
        await process.wait()
    assert owners == [0, user]


async def test_a_second_keeper_of_the_home_goes_away(holder: Holder, home: Path) -> None:
    share = await holder.make(NAMES[0], HOUR)
    second = await asyncio.create_subprocess_exec(sys.executable, "-m", keeper.__name__, str(home / "run"))
    assert await asyncio.wait_for(second.wait(), 10) == 0
    assert await holder.fetch(NAMES) == {NAMES[0]: share}


@pytest.mark.parametrize(
    "frame",
    [
        keeper.FRAME.pack(keeper.FRAME_MAX + 1, 1, keeper.FETCH),
        b"GET / HTTP/1.1\r\nhost: x\r\n\r\n" * 100,
        b"\xff" * 9,
    ],
)
async def test_nonsense_ends_its_connection_and_no_other(holder: Holder, home: Path, frame: bytes) -> None:
    share = await holder.make(NAMES[0], HOUR)
    reader, writer = await asyncio.open_unix_connection(home / "run" / "keeper.sock")
    writer.write(frame)
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()
    assert await holder.fetch(NAMES) == {NAMES[0]: share}


@pytest.mark.parametrize(
    ("operation", "body"),
    [(keeper.MAKE, b"short"), (keeper.FETCH, b"x" * 21), (keeper.HELLO, b"x"), (99, b""), (keeper.DROP, b"y")],
)
async def test_a_malformed_request_is_answered_as_one(holder: Holder, operation: int, body: bytes) -> None:
    await holder.connect()
    assert await holder._ask(operation, body) == (keeper.MALFORMED, b"")


async def test_a_stranger_is_refused(holder: Holder, home: Path) -> None:
    """Another user of the machine, should the folder ever be open to them."""
    await holder.make(NAMES[0], HOUR)
    for folder in [home, *home.parents[:3], home / "run"]:
        folder.chmod(0o755)
    (home / "run" / "keeper.sock").chmod(0o666)
    script = (
        "import os, socket, sys\nos.setgid(65534)\nos.setuid(65534)\n"
        "peer = socket.socket(socket.AF_UNIX)\npeer.connect(sys.argv[1])\npeer.settimeout(5)\n"
        "peer.sendall(bytes(8) + b'\\0')\nprint(len(peer.recv(100)))\n"
    )
    told = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(home / "run" / "keeper.sock"),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(told.communicate(), 20)
    assert said in {b"0\n", b""}  # closed before it was answered, or refused while it wrote
    assert await holder.fetch(NAMES[:1])


async def test_it_ends_by_itself_when_nobody_needs_it(home: Path) -> None:
    holder = Holder(home / "run", idle=0.5)
    await holder.make(NAMES[0], 1)
    await holder.close()
    await until(lambda: not (home / "run" / "keeper.sock").exists())
    await until(lambda: keeper_of(home) == 0)


async def test_it_ends_with_its_home(holder: Holder, home: Path) -> None:
    await holder.make(NAMES[0], HOUR)
    pid = keeper_of(home)
    await holder.close()
    (home / "run" / "keeper.sock").unlink()
    await until(lambda: not Path(f"/proc/{pid}").exists() or status(pid)["State"].startswith("Z"))


async def test_sigterm_wipes(holder: Holder, home: Path) -> None:
    await holder.make(NAMES[0], HOUR)
    assert end_keeper(home) != 0
    assert keeper_of(home) == 0


@pytest.fixture
def shares() -> Iterator[keeper.Shares]:
    """Shares in this process's own memory, with a clock that the test moves."""
    entropy = os.open("/dev/urandom", os.O_RDONLY | os.O_CLOEXEC)
    yield keeper.Shares(ctypes.CDLL(None), entropy)
    os.close(entropy)


def test_a_share_ends_at_its_time_whether_or_not_anybody_looked(shares: keeper.Shares) -> None:
    view = shares.make(NAMES[0], MINUTE, 5 * HOUR)
    assert bytes(view) != bytes(32)
    assert shares.fetch(NAMES[0], 5 * HOUR + MINUTE - 1) is not None
    assert shares.fetch(NAMES[0], 5 * HOUR + MINUTE) is None  # due, and not yet overwritten
    shares.pass_time(5 * HOUR + MINUTE - 1)
    assert bytes(view) != bytes(32)
    shares.pass_time(5 * HOUR + MINUTE)
    assert bytes(view) == bytes(32)
    assert len(shares) == 0


def test_making_and_dropping_for_ever_needs_no_more_memory(shares: keeper.Shares) -> None:
    for round_ in range(200):
        for name in NAMES:
            shares.make(name, HOUR, round_)
        shares.drop(NAMES[0])
        shares.pass_time(round_)
    assert len(shares) == len(NAMES) - 1
    assert len(shares._due) < 3_000
    assert len(shares._regions) == 1


def test_what_was_wiped_is_gone_from_every_region(shares: keeper.Shares) -> None:
    """What a keeper does last, whatever made it end but SIGKILL."""
    views = [shares.make(number.to_bytes(20, "big"), HOUR, 0) for number in range(keeper._REGION // keeper.SHARE + 5)]
    assert all(bytes(view) != bytes(keeper.SHARE) for view in views)
    shares.wipe()
    assert all(bytes(view) == bytes(keeper.SHARE) for view in views)
    assert len(shares) == 0


def test_what_was_sent_does_not_stay_behind_in_the_buffer(shares: keeper.Shares) -> None:
    """A peer that reads slowly: what it was sent of a long answer is overwritten, although the buffer is still in use."""
    (listener, other), (here, there) = socket.socketpair(), socket.socketpair()
    served = keeper.Keeper(listener, shares, 0)
    here.setblocking(False)
    here.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    goes = bytearray(b"secret" * 20_000)
    whole, address = len(goes), ctypes.addressof(ctypes.c_char.from_buffer(goes))
    served._waiting[here] = bytearray(), goes
    served._selector.register(here, selectors.EVENT_READ)
    served._send(here)
    sent = whole - len(goes)
    assert 0 < sent < whole // 2
    assert ctypes.string_at(address, sent) == bytes(sent)
    assert goes.startswith((b"secret" * 2)[sent % 6 :][:6])
    for end in (listener, other, here, there):
        end.close()
    served._selector.close()


def test_there_is_an_end_to_its_room(shares: keeper.Shares, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "_REGIONS_MAX", 1)
    room = keeper._REGION // keeper.SHARE
    for number in range(room):
        shares.make(number.to_bytes(20, "big"), HOUR, 0)
    with pytest.raises(keeper.Full):
        shares.make(b"x" * 20, HOUR, 0)
    shares.drop((5).to_bytes(20, "big"))
    shares.make(b"x" * 20, HOUR, 0)


def test_the_boot_clock_goes_on_in_suspend() -> None:
    assert keeper._BOOTTIME == time.CLOCK_BOOTTIME
    assert abs(keeper._microseconds() - time.clock_gettime(time.CLOCK_BOOTTIME) * 1e6) < 1e6
