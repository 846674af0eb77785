"""Measure the screening of inquiries: microseconds for one decision, beside detection of the same texts and beside what the
whole road of such a turn costs.

Contract: `python -m bench.triage [--messages N] [--turns N] [--rounds N] [--write]`. Needs nothing more than the gateway
does. All are CPU time of this process, and medians over rounds that alternate. *The road*: a visitor's message to the
built-in bot and its answer over a real home without a socket (tests/world/house.py), with the screening of inquiries and
with `[triage] enabled = false`; every conversation has four turns, so that earlier lines are compared.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.world.house import HEAD, House, at_home

from bench.detect import texts
from bench.world import ROOT
from chatwarden.audit.model import Lane
from chatwarden.config.inquiries import TriageConfig
from chatwarden.config.parse import parse
from chatwarden.detection.scan import Scanner
from chatwarden.routing.triage import TEXT_MAX, Past, Said, rules_of, triage

PAGE = ROOT / "docs" / "performance-triage.md"
ANSWER = "You have 30 days. Print the label under My orders, then Return, and hand the parcel in at any post office."
ROUNDS, TURNS = 5, 4
OFF = HEAD + "[triage]\nenabled = false\n"


def each(work: Callable[[str], object], given: Sequence[str]) -> list[float]:
    """Microseconds of CPU time for each text."""
    found = []
    for text in given:
        begun = time.process_time_ns()
        work(text)
        found.append((time.process_time_ns() - begun) / 1e3)
    return sorted(found)


def decisions(messages: int, rounds: int) -> dict[str, tuple[float, float]]:
    """Half and 99 % of the decisions, by what is looked at."""
    rules = rules_of(TriageConfig())[""]
    scanner = Scanner()
    short = [text[:60].rsplit(" ", 1)[0] for text in texts("clean", messages, 3)]
    usual = texts("clean", messages, 4)
    long = [(" ".join(usual) * 4)[at : at + TEXT_MAX] for at in range(20)]
    before = Past(tuple(texts("clean", TURNS, 5)))
    works: dict[str, tuple[Callable[[str], object], Sequence[str]]] = {
        "60 characters, nothing before": (lambda text: triage(Said(text, ANSWER, "yes"), Past(), rules), short),
        "200 characters, nothing before": (lambda text: triage(Said(text, ANSWER, "yes"), Past(), rules), usual),
        f"200 characters, {TURNS} earlier lines": (
            lambda text: triage(Said(text, ANSWER, "yes"), before, rules),
            usual,
        ),
        f"{TEXT_MAX:,} characters and more": (lambda text: triage(Said(text, ANSWER, "yes"), Past(), rules), long),
        "*detection of 200 characters*": (scanner.scan, usual),
    }
    told: dict[str, list[tuple[float, float]]] = {}
    for round_ in range(rounds + 1):
        for name, (work, given) in works.items():
            found = each(work, given)
            if round_:  # the first one warms up
                told.setdefault(name, []).append((found[len(found) // 2], found[len(found) * 99 // 100]))
    return {
        name: (statistics.median(one for one, _ in all_), statistics.median(one for _, one in all_))
        for name, all_ in told.items()
    }


async def road(turns: int, rounds: int) -> dict[str, float]:
    """Microseconds of CPU time for one turn, with and without."""
    with tempfile.TemporaryDirectory(prefix="bench-triage-") as folder:
        async with at_home(Path(folder) / "home", HEAD) as house:
            gateway = house.node.services.gateway
            told: dict[str, list[float]] = {"with": [], "without": []}
            for round_ in range(rounds + 1):
                for name, toml in (("with", HEAD), ("without", OFF)):
                    gateway.reconfigure(parse(toml))
                    begun = time.process_time()
                    for _ in range(turns // TURNS):
                        await talk(house)
                    if round_:
                        told[name].append((time.process_time() - begun) / (turns // TURNS * TURNS) * 1e6)
            return {name: statistics.median(all_) for name, all_ in told.items()}


async def talk(house: House) -> None:
    """A visitor asks as many different questions as a conversation has turns."""
    services = house.node.services
    now = services.clock.now()
    session, _ = await services.sessions.visitor(now)
    conversation = await services.conversations.open(session.principal, "helpdesk", now, lane=Lane.CLIENT)
    for text in ("How do I return a parcel?", "What does shipping cost?", "How can I pay?", "Where is my invoice?")[
        :TURNS
    ]:
        received = await services.gateway.receive(session, Lane.CLIENT, conversation, text)
        await services.gateway.answer(received)


def page(options: argparse.Namespace, found: dict[str, tuple[float, float]], turns: dict[str, float]) -> str:
    """What was found, in words and numbers."""
    share = next(iter(found.values()))[0] / turns["with"]
    rows = "\n".join(f"| {name} | {half:.0f} | {most:.0f} |" for name, (half, most) in found.items())
    return f"""# What the screening of inquiries costs

Written by `scripts/bench triage --write` on {time.strftime("%Y-%m-%d")}, {os.cpu_count()} processors, load
{os.getloadavg()[0]:.1f}: {options.messages} generated messages that look for nothing in particular, {options.rounds}
rounds; CPU time of one process.

| one decision | half, us | 99 %, us |
| --- | ---: | ---: |
{rows}

A turn on the road (a visitor's message to the built-in bot, its answer, everything recorded) takes {turns["with"]:.0f} us of CPU
time with the screening and {turns["without"]:.0f} us without. One decision about 60 characters is {100 * share:.1f} % of that.
"""


def main() -> int:
    """Runs it."""
    parser = argparse.ArgumentParser(prog="scripts/bench triage", description="measure the screening of inquiries")
    parser.add_argument("--messages", type=int, default=600, help="texts of each kind (default 600)")
    parser.add_argument("--turns", type=int, default=200, help="turns of a round on the road (default 200)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"rounds that count (default {ROUNDS})")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(ROOT)}")
    options = parser.parse_args()
    told = page(options, decisions(options.messages, options.rounds), asyncio.run(road(options.turns, options.rounds)))
    sys.stdout.write(told)
    if options.write:
        PAGE.write_text(told)
    return 0


if __name__ == "__main__":
    sys.exit(main())
