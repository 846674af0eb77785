"""Measure streams: what the gateway adds to the time to the first token, how much of an answer it holds back, and how many
streams at once never stall; beside a bare relay and nginx, alternating in one run.

Contract: `python -m bench.stream [--rounds N] [--streams 1,32,128] [--seconds S] [--write]`. Every contender speaks TLS, runs
on processor 0 and asks the same bot, which says a word every 20 ms; bot and client run on processor 1. A stream *stalls*
when the next piece comes later than 220 ms after the one before: ten times the bot's pace, as the boards of AI gateways
have it, and one more. A number of streams holds when none stalls, every one comes to its end, and all words arrive; where
the client asks the bot directly and that does not hold, the rig is the limit, and nothing is said of the others. What is held
back is measured without a network: answers are fed to guard and restorer four characters at a time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from bench.load import CONTENT, _ask, _connect, _some
from bench.world import BOT, PACED, PACED_TLS, ROOT, Contender, World, cpu, settle, world
from bench.world import WORDS as SAID
from chatwarden.classes import DEFAULT_TREATMENT, DataClass, Treatment
from chatwarden.config.parse import parse
from chatwarden.detection.scan import Scanner
from chatwarden.detection.stream import StreamGuard
from chatwarden.screening import Screening

PAGE = ROOT / "docs" / "performance-streams.md"
RELAY = 19448
PACE_MS, STALL_MS, WORDS = 20, 220, 100
CONFIGS = {
    "as it comes": "",
    "contacts masked": "email = 'mask'\nphone = 'mask'\n",
    "names and addresses masked": "person-name = 'mask'\npostal-address = 'mask'\n",
    "everything masked": "".join(
        f"{one.value} = 'mask'\n" for one in DataClass if DEFAULT_TREATMENT[one] is not Treatment.REMOVE
    ),
}
VALUES = (
    "Please pay to DE89 3704 0044 0532 0130 00 by the end of the month. ",
    "Your card 4111 1111 1111 1111 is valid. ",
    "Write to help@shop.example or call +49 30 901820. ",
    "The order was placed in the name of Anna Schmidt, 12 Baker Street, London NW1 6XE. ",
)
SAMPLE = ROOT / "src" / "chatwarden" / "bots" / "sample"
PIECE = 4


@dataclass(frozen=True)
class Held:
    """Characters held back, over all moments of all answers."""

    p50: int
    p99: int
    most: int


def answers(*, values: bool) -> list[str]:
    """What the help desk in the box says, a section each, with values in it or without."""
    sections = [part.strip() for path in sorted(SAMPLE.glob("*.md")) for part in path.read_text().split("\n## ")[1:]]
    if not values:
        return sections
    made = []
    for number, text in enumerate(sections):
        at = text.find(". ") + 2
        made.append(text[:at] + VALUES[number % len(VALUES)] + text[at:])
    return made


def held_back(policy: str, texts: Iterable[str]) -> Held:
    """How much of an answer is there and not yet shown, after each piece."""
    rules = Screening(Scanner(), parse(f"[policy.class]\n{CONFIGS[policy]}" if CONFIGS[policy] else ""))
    held: list[int] = []
    for text in texts:
        guard = rules.guard("helpdesk")
        assert isinstance(guard, StreamGuard)
        for at in range(0, len(text), PIECE):
            guard.feed(text[at : at + PIECE])
            held.append(guard.held)  # a mask may be longer or shorter than what it hides
    held.sort()
    return Held(held[len(held) // 2], held[int(len(held) * 0.99)], held[-1])


@dataclass(frozen=True)
class Streams:
    """So many streams at once: how the gaps between pieces were, in ms, and what went wrong."""

    p50: float
    p99: float
    most: float
    stalled: int
    broken: int

    @property
    def holds(self) -> bool:
        return not self.stalled and not self.broken


async def one_first(contender: Contender, kind: str, n: int) -> float:
    """Milliseconds to the first content of one answer, on a connection of its own that is open already."""
    reader, writer = await _connect(contender, "paced")
    began = time.perf_counter()
    await _ask(reader, writer, "POST", contender.path(kind), contender.tokens[n % len(contender.tokens)], body(kind))
    seen = b""
    while not CONTENT.search(seen):
        seen += await _some(reader)
    took = (time.perf_counter() - began) * 1e3
    writer.transport.abort()
    return took


def body(kind: str) -> dict[str, object]:
    return {"model": kind, "stream": True, "messages": [{"role": "user", "content": "Where is my order?"}]}


async def watched(contender: Contender, count: int) -> Streams:
    """Opens so many streams, over one pace evenly, and watches each to its end."""
    gaps: list[float] = []
    broken = 0

    async def one(n: int) -> None:
        nonlocal broken
        await asyncio.sleep(PACE_MS / 1e3 * n / count)
        try:
            reader, writer = await _connect(contender, "paced")
            await _ask(reader, writer, "POST", contender.path("paced"), contender.tokens[n], body("paced"))
            mine: list[float] = []
            words, last, tail = 0, 0.0, b""
            while not tail.endswith(b"0\r\n\r\n"):
                data = await reader.read(65536)
                now = time.perf_counter()
                if not data:
                    break
                words += len(CONTENT.findall(data))
                if last:
                    mine.append((now - last) * 1e3)
                last, tail = now, (tail + data)[-16:]
            writer.transport.abort()
        except (OSError, SystemExit, asyncio.IncompleteReadError):
            broken += 1
            return
        gaps.extend(mine)
        # What comes together goes on together, so words may be fewer pieces; a stream without its end is broken.
        broken += not tail.endswith(b"0\r\n\r\n") or not words

    await asyncio.gather(*(one(n) for n in range(count)))
    gaps.sort()
    if not gaps:
        return Streams(0, 0, 0, 0, broken)
    late = sum(1 for gap in gaps if gap > STALL_MS)
    return Streams(gaps[len(gaps) // 2], gaps[int(len(gaps) * 0.99)], gaps[-1], late, broken)


def contenders(place: World, most: int) -> list[Contender]:
    """The bot itself, a bare relay, nginx where it is installed, and the gateway."""
    d = place.folder
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-keyout", d / "k", "-out", d / "c", "-subj", "/CN=localhost"],
        check=True, capture_output=True,
    )  # fmt: skip
    paced = [sys.executable, "-m", "tests.world.upstream", "--tokens", str(WORDS), "--gap-ms", str(PACE_MS)]
    paced += ["--text", "".join(SAID)]
    place.start(1, *paced, "--port", str(PACED))
    direct = Contender(
        "direct",
        place.start(1, *paced, "--port", str(PACED_TLS), "--certificate", f"{d}/c", "--key", f"{d}/k"),
        PACED_TLS,
    )
    url = f"http://127.0.0.1:{PACED}/p/v1"
    relay = Contender("bare relay", place.start(0, sys.executable, "-m", "bench.relay", str(RELAY), str(d), url), RELAY)
    names = BOT.format(name="names", url=url.removesuffix("/v1"))
    policy = '[bots.names.policy]\nperson-name = "mask"\n'
    ours = place.chatwarden(users=most, extra=names + policy)
    everybody = [direct, relay, *([place.nginx()] if os.access("/usr/sbin/nginx", os.X_OK) else []), ours]
    for one in everybody:
        one.tokens = one.tokens if one is ours else ["x"] * most
    return everybody


def first_tokens(options: argparse.Namespace, everybody: list[Contender]) -> dict[str, list[float]]:
    """Alternating, one answer each; the first round warms up."""
    took: dict[str, list[float]] = {}
    settle([one.pid for one in everybody])
    for n in range(options.rounds + 5):
        for one in everybody:
            kinds = (
                {one.name: "paced"}
                if one.name != "chatwarden"
                else {one.name: "paced", "chatwarden, names masked": "names"}
            )
            for name, kind in kinds.items():
                ms = asyncio.run(one_first(one, kind, n))
                if n >= 5:
                    took.setdefault(name, []).append(ms)
    return took


def main() -> None:
    """Runs it."""
    p = argparse.ArgumentParser(prog="bench stream", description=__doc__)
    p.add_argument("--rounds", type=int, default=60, help="answers of each for the first token")
    p.add_argument("--streams", default="1,32,64,128,192,256", help="how many at once, with commas")
    p.add_argument("--write", action="store_true", help="write docs/performance-streams.md")
    options = p.parse_args()
    before = os.getloadavg()[0]
    counts = [int(one) for one in options.streams.split(",")]
    lines = ["| policy | answers | half | 99 % | most |", "|---|---|---:|---:|---:|"]
    for policy in CONFIGS:
        for values in (False, True):
            held = held_back(policy, answers(values=values))
            said = "with a value in each" if values else "without values"
            lines.append(f"| {policy} | {said} | {held.p50} | {held.p99} | {held.most} |")
    print(*lines, sep="\n", flush=True)
    os.sched_setaffinity(0, {1} if (os.cpu_count() or 1) > 1 else {0})
    with world("stream") as place:
        everybody = contenders(place, max(counts))
        took = first_tokens(options, everybody)
        first = ["| contender | half ms | 99 % ms | added to the bare relay, half ms |", "|---|---:|---:|---:|"]
        bare = statistics.median(took["bare relay"])
        for name, ms in took.items():
            half = statistics.median(ms)
            first.append(f"| {name} | {half:.2f} | {sorted(ms)[int(len(ms) * 0.99)]:.2f} | {half - bare:+.2f} |")
        print(*first, sep="\n", flush=True)
        rows = [
            "| streams at once | contender | gap: half, 99 %, longest ms | stalls | broken | CPU us a word | |",
            "|---:|---|---|---:|---:|---:|---|",
        ]
        best: dict[str, int] = {}
        for count in counts:
            rig = True
            for one in everybody:
                settle([each.pid for each in everybody])
                spent = cpu(one.pid)
                seen = asyncio.run(watched(one, count))
                spent = (cpu(one.pid) - spent) / (count * WORDS) * 1e6
                rig = rig and (one.name != "direct" or seen.holds)
                if seen.holds and rig:
                    best[one.name] = count
                word = "holds" if seen.holds else "stalls" if rig else "the rig's limit"
                gaps = f"{seen.p50:.0f}, {seen.p99:.0f}, {seen.most:.0f}"
                row = f"| {count} | {one.name} | {gaps} | {seen.stalled} | {seen.broken} | {spent:.0f} | {word} |"
                rows.append(row)
                print(row, flush=True)
    text = page(options, lines, first, rows, best, took, before)
    if options.write:
        PAGE.write_text(text)


def page(
    options: argparse.Namespace, held: list[str], first: list[str], rows: list[str], best: dict[str, int],
    took: dict[str, list[float]], before: float,
) -> str:  # fmt: skip
    """What was found, in words and numbers."""
    ratio = statistics.median(took["chatwarden"]) / statistics.median(took["bare relay"])
    load = f"The load average of the machine was {before:.1f} before the run and {os.getloadavg()[0]:.1f} after it."
    most = ", ".join(f"{name} {count}" for name, count in best.items()) or "none"
    return f"""# How streams are held back, and what that costs

Written by `scripts/bench stream --rounds {options.rounds} --streams {options.streams} --write` on
{time.strftime("%Y-%m-%d")}, Python {sys.version.split()[0]}, {os.cpu_count()} processors: each contender on one, the bot and
the client on the other, everybody with TLS. {load} The bot says {WORDS} words, one every {PACE_MS} ms. *Bare relay* is
uvicorn with the gateway's own client towards bots and nothing between; the gateway has everything on: session, both
directions scanned, the question sealed and durable before the bot is asked.

## The first token

{chr(10).join(first)}

The gateway's first token takes {ratio:.1f} times the bare relay's: the question is on disk before the bot is asked. Where
names are masked, the first words come when 224 characters behind them are known, so the time depends on the bot's
pace.

## What is held back

Characters that have come and are not shown yet, after every {PIECE} characters of an answer. The texts are those of the
help desk in the box, {len(answers(values=False))} answers.

{chr(10).join(held)}

By default the word in the making is held, and what looks like a part of a number until it has ended. Names, postal
addresses, dates of birth, health, places, links and addresses of mail show by the words around them: where `policy.class`
or a bot's own `policy` masks, removes or blocks one of these in answers, a few sentences are held back. The most is 512.

## Streams at once

A stream stalls when a piece comes more than {STALL_MS} ms after the one before.

{chr(10).join(rows)}

The most that held, each in this run: {most}. Where the bot asked directly stalls too, the two processors of this machine
are the limit, and more was not measured. A load average above the number of processors means that others were working on
the machine: then a single stall is theirs as likely as the contender's, and what can be compared is the CPU time a word.
"""


if __name__ == "__main__":
    main()
