"""Measure the road of a message through Chatwarden, nginx, LiteLLM and directly, alternating in one run.

Contract: `python -m bench.road [--rounds N] [--seconds S] [--connections 1,32,256] [--million] [--streams N]`.
Every figure is a median with its range. Any answer other than 200 voids the run, and so does a home that holds fewer
messages than were acknowledged, or more than could be under way; then exit 1. LiteLLM is driven when its environment
(.venv-bench) is there.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sqlite3
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.world.postgres import installed

from bench.load import first_token, open_streams, wrk
from bench.page import PAGE, page
from bench.world import BENCH_PYTHON, GAP_MS, OURS_POSTGRESQL, TOKENS, Contender, World, cpu, pss, settle, world

FEWEST = 10  # answers a connection that a latency needs
THROUGHPUT = ("plain", "streamed")
Row = tuple[float, ...]


_COUNT = "SELECT source, count(*) FROM messages GROUP BY source"
Rows = list[tuple[object, ...]]


def in_file(home: Path) -> Rows:
    """Stored messages by source, past the gateway."""
    with contextlib.closing(sqlite3.connect(f"file:{home}/data/chatwarden.db?mode=ro", uri=True)) as base:
        return base.execute(_COUNT).fetchall()


def kept(rows: Rows) -> tuple[int, int]:
    """Stored messages: from clients, from bots."""
    found = {str(source): int(str(count)) for source, count in rows}
    return found.get("client", 0), found.get("bot", 0)


@dataclass
class Ledger:
    """What one gateway acknowledged, beside what its home holds. ``cut``: at most so many were under way at a stop."""

    look: Callable[[], Rows]
    acknowledged: int = 0
    cut: int = 0
    before: tuple[int, int] = (0, 0)

    def open(self) -> None:
        """From here on it counts."""
        self.before = kept(self.look())

    def add(self, acknowledged: int, cut: int) -> None:
        """One load."""
        self.acknowledged += acknowledged
        self.cut += cut

    def judge(self, say: Callable[[str], None]) -> bool:
        """Whether stored = acknowledged."""
        clients, bots = (now - then for now, then in zip(kept(self.look()), self.before, strict=True))
        sound = all(self.acknowledged <= n <= self.acknowledged + self.cut for n in (clients, bots))
        say(
            f"Stored: {clients} messages of clients and {bots} of the bot for {self.acknowledged} acknowledged answers; "
            f"at most {self.cut} more were under way when a load stopped: {'holds' if sound else 'VOID'}."
        )
        return sound


@dataclass
class Run:
    """Who is driven in one run, what came of it, what is said of it."""

    options: argparse.Namespace
    place: World
    contenders: list[Contender]
    ledgers: dict[str, Ledger] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    faults: int = 0

    def say(self, line: str) -> None:
        """Prints and keeps a line."""
        self.said.append(line)
        sys.stdout.write(line + "\n")
        sys.stdout.flush()

    def point(self, who: Contender, kind: str, connections: int, seconds: float) -> Row:
        """One load on one contender, when all have come to rest."""
        settle([c.pid for c in self.contenders])
        before = cpu(who.pid)
        got = wrk(who, kind, self.place.folder, connections, seconds)
        spent = (cpu(who.pid) - before) / max(got.requests, 1) * 1e6
        self.faults += got.errors
        if who.name in self.ledgers:
            self.ledgers[who.name].add(got.requests - got.errors, connections)
        return got.requests / got.seconds, got.p50, got.p99, spent, pss(who.pid), got.errors

    def throughput(self, kind: str) -> dict[tuple[str, int], list[Row]]:
        """Every contender at every number of connections, in turn."""
        rows: dict[tuple[str, int], list[Row]] = {}
        for _ in range(self.options.rounds):
            for connections in map(int, self.options.connections.split(",")):
                for who in self.contenders:
                    row = self.point(who, kind, connections, self.options.seconds)
                    rows.setdefault((who.name, connections), []).append(row)
        return rows

    def table(self, rows: dict[tuple[str, int], list[Row]]) -> None:
        """The rows as medians with their range."""
        self.say(
            "| connections | contender | requests/s (min-max) | p50 ms | p99 ms | CPU us/request | PSS MiB | errors |"
        )
        self.say("|---|---|---|---|---|---|---|---|")
        for (name, connections), got in sorted(rows.items(), key=lambda x: x[0][1]):
            rates = [row[0] for row in got]
            rate, p50, p99, spent, memory, _ = (statistics.median(column) for column in zip(*got, strict=True))
            # Where most connections saw no second answer, the latency of those that did would flatter.
            enough = rate * self.options.seconds >= FEWEST * connections
            latency = f"{p50:.2f} | {p99:.2f}" if enough else "too few | too few"
            errors = int(sum(row[5] for row in got))
            self.say(
                f"| {connections} | {name} | {rate:.0f} ({min(rates):.0f}-{max(rates):.0f}) | {latency} "
                f"| {spent:.0f} | {memory:.0f} | {errors}{' VOID' if errors else ''} |"
            )

    def ratios(self, rows: dict[tuple[str, int], list[Row]]) -> None:
        """The aims beside what was reached."""

        def median(name: str, connections: int, column: int) -> float:
            return statistics.median(row[column] for row in rows[name, connections])

        self.say("")
        for name in self.ledgers:
            if ("litellm", 32) in rows:
                times = median(name, 32, 0) / median("litellm", 32, 0)
                self.say(f"- {name}: throughput at 32 connections is {times:.1f} times LiteLLM's (aim: 40).")
            if ("nginx", 32) in rows:
                times = median("nginx", 32, 0) / median(name, 32, 0)
                self.say(f"- {name}: nginx's throughput at 32 connections is {times:.1f} times ours (aim: at most 12).")
            if ("litellm", 1) in rows:
                direct = median("direct", 1, 1)
                share = (median(name, 1, 1) - direct) / (median("litellm", 1, 1) - direct)
                self.say(f"- {name}: added p50 at one connection is {share:.2f} of LiteLLM's (aim: under 0.10).")
            memory = max(row[4] for (who, _), got in rows.items() if who == name for row in got)
            self.say(f"- {name}: memory (PSS) at most {memory:.0f} MiB in this run (aim: under 200).")

    def pace(self) -> None:
        """Time to the first token and to the end, for a bot that speaks at its own pace."""
        times = 20 * self.options.rounds
        self.say(f"\nA bot that speaks {TOKENS} tokens, one every {GAP_MS} ms; one connection, {times} answers each.\n")
        self.say("| contender | first token ms | whole answer ms |\n|---|---|---|")
        for who in self.contenders:
            settle([c.pid for c in self.contenders])
            first, whole = asyncio.run(first_token(who, times))
            if who.name in self.ledgers:
                self.ledgers[who.name].add(times + 1, 0)
            self.say(f"| {who.name} | {first:.1f} | {whole:.1f} |")

    def million(self, who: Contender) -> None:
        """Memory while a million messages go through."""
        self.say(f"\n{who.name}: memory over {self.options.million} messages at 32 connections.\n")
        self.say("| messages | PSS MiB |\n|---|---|")
        done, step = 0, self.options.million / 10
        self.say(f"| 0 | {pss(who.pid):.0f} |")
        while done < self.options.million:
            before = self.ledgers[who.name].acknowledged
            while done + 2 * (self.ledgers[who.name].acknowledged - before) < (done // step + 1) * step:
                self.point(who, "plain", 32, 10)
            done += 2 * (self.ledgers[who.name].acknowledged - before)
            self.say(f"| {done} | {pss(who.pid):.0f} |")

    async def streams(self, who: Contender) -> None:
        """Memory per idle event stream."""
        settle([who.pid])
        before = pss(who.pid)
        writers = await open_streams(who, self.options.streams)
        await asyncio.sleep(2)
        after = pss(who.pid)
        each = (after - before) * 1024 / len(writers)
        self.say(
            f"\n{who.name}: {len(writers)} idle event streams over TLS, each of another visitor: {before:.0f} to "
            f"{after:.0f} MiB, {each:.1f} KiB each (session, conversation and connection included)."
        )
        for writer in writers:
            writer.transport.abort()


def options() -> argparse.Namespace:
    """What the command line says."""
    p = argparse.ArgumentParser(prog="bench road")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--connections", default="1,32,256")
    p.add_argument("--kinds", default="plain,streamed,paced", help="of answers")
    p.add_argument("--users", type=int, default=64)
    p.add_argument("--million", type=int, nargs="?", const=1_000_000, default=0, help="memory over so many messages")
    p.add_argument("--streams", type=int, nargs="?", const=5_000, default=0, help="memory per idle event stream")
    p.add_argument("--only", default="", help="contenders, with commas")
    p.add_argument("--write", action="store_true", help="write docs/performance.md")
    p.add_argument("--profile", default="", help="run Chatwarden under cProfile, write here")
    return p.parse_args()


def drive(a: argparse.Namespace, place: World) -> int:
    """One run."""
    wanted = a.only.split(",") if a.only else ["direct", "nginx", "chatwarden", "chatwarden-postgresql", "litellm"]
    contenders = [place.upstream(), place.nginx()]
    ours = place.chatwarden(users=a.users, profile=a.profile)
    contenders.append(ours)
    looks: dict[str, Callable[[], Rows]] = {"chatwarden": lambda: in_file(place.home("chatwarden"))}
    if "chatwarden-postgresql" in wanted and installed():
        server = place.postgres()
        toml = place.storage(server)
        contenders.append(place.chatwarden("chatwarden-postgresql", OURS_POSTGRESQL, a.users, toml))
        looks["chatwarden-postgresql"] = lambda: server.run(_COUNT)
    if BENCH_PYTHON.exists() and "litellm" in wanted:
        contenders.append(place.litellm())
    run = Run(a, place, [c for c in contenders if c.name in wanted])
    run.ledgers = {c.name: Ledger(looks[c.name]) for c in run.contenders if c.name in looks}
    kinds = [kind for kind in a.kinds.split(",") if kind]
    for who in run.contenders:
        for kind in kinds:
            if kind != "paced":
                wrk(who, kind, place.folder, 8, 1)
    settle([c.pid for c in run.contenders])
    for ledger in run.ledgers.values():
        ledger.open()
    for kind in kinds:
        if kind == "paced":
            run.pace()
            continue
        run.say(
            "\nWhole answers.\n" if kind == "plain" else f"\nStreamed answers of {TOKENS} events, which come at once.\n"
        )
        rows = run.throughput(kind)
        run.table(rows)
        if kind == "plain":
            run.ratios(rows)
    # The long ones once: what holds the memory is the same with either engine.
    first = next((who for who in run.contenders if who.name in run.ledgers), None)
    if first is not None and a.million:
        run.million(first)
    if first is not None and a.streams:
        asyncio.run(run.streams(first))
    settle([c.pid for c in run.contenders])
    run.say("")
    verdicts = [ledger.judge(run.say) for ledger in run.ledgers.values()]
    sound = all(verdicts) and not run.faults
    if a.write and sound:
        PAGE.write_text(page(a, "\n".join(run.said)))
    return 0 if sound else 1


if __name__ == "__main__":
    with world("road") as place:
        sys.exit(drive(options(), place))
