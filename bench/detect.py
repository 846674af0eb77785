"""Measure detection: microseconds for a message of about 200 characters and megabytes a second, for ours, for Presidio's
default English pattern recognisers without a language model, and for Python's ``re`` with our patterns one by one.

Contract: `python -m bench.detect [--messages N] [--rounds N] [--write]`. Each contender is a process of its own that has
seen other texts before; they take turns, one round each, on the same texts: clean ones (questions and complaints without
personal data) and dense ones (every sentence with some). Figures are of one text at a time, medians over the rounds. The
contenders look for different things in different ways: the ratio says what a road costs, not who finds more.
"""

from __future__ import annotations

import argparse
import json
import os
import random  # noqa: TID251  made-up texts, the same each time
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]  # no module beside: Presidio's environment has none of ours
PAGE = ROOT / "docs" / "performance-detection.md"
PRESIDIO = ROOT / ".venv-bench-detect" / "bin" / "python"
LENGTH = 200
CLEAN = (
    "I ordered two lamps last week and they have not arrived yet.", "Could you please look into where my parcel is?",
    "What is the limit of my credit card and how can I raise it?", "The app shows an error when I try to sign in.",
    "We have moved to another town, what do we need to do now?", "Is there a fee for a transfer to another country?",
    "I would like to return the shoes because they are too small.", "How long does it take until the refund is paid?",
    "The invoice seems to be wrong, it shows the old price.", "Thank you for the quick help, that was very friendly.",
    "Please cancel my subscription at the end of the month.", "Can I pay in three parts, and what would that cost?",
    "My daughter starts school in autumn, which form do I need?", "Where do I find the opening hours of the office?",
    "I was charged twice for the same ticket yesterday.", "Do you have this jacket in blue and in a larger size?",
    "The machine makes a loud noise since this morning.", "Which documents do I have to bring to the appointment?",
    "It says that my contract ends in spring, is that right?", "I forgot to add the voucher, can you still do that?",
    "Why was my application refused, what is missing?", "The driver left the parcel with a neighbour I don't know.",
    "How do I change the language of the letters you send?", "Is the shop open on the holiday next week as well?",
    "I need a confirmation for my employer, please.", "The second page of the form cannot be opened on my phone.",
)  # fmt: skip
DENSE = (
    "My card number is {card} and it was refused.", "Please write to {mail} from now on.", "Call me on {phone} after six.",
    "The money should go to {iban}.", "My name is {name} and I am waiting.", "I live at {house} Baker Street, London.",
    "I was born on {day} May 19{year}.", "The password is {word}, but it does not work.",
)  # fmt: skip


def luhn_ended(digits: str) -> str:
    """*digits* with the digit that makes them a card number (ISO/IEC 7812-1)."""
    total = sum(sum(divmod(int(c) * (2 - at % 2), 10)) for at, c in enumerate(reversed(digits)))
    return digits + str(-total % 10)


def iban(source: random.Random) -> str:
    """A German IBAN with right check digits (ISO 7064 mod 97-10)."""
    account = "".join(source.choice("0123456789") for _ in range(18))
    return f"DE{98 - int(account + '131400') % 97:02d}{account}"


def texts(kind: str, count: int, seed: int) -> list[str]:
    """*count* texts of about 200 characters."""
    source = random.Random(seed)

    def digits(length: int) -> str:
        return "".join(source.choice("0123456789") for _ in range(length))

    def sentence() -> str:
        if kind == "clean":
            return source.choice(CLEAN)
        return source.choice(DENSE).format(
            card=luhn_ended("4" + digits(14)), mail=f"person{digits(3)}@mail.example.com", phone="+44 20 7946 0" + digits(3),
            iban=iban(source), name=source.choice(["John Smith", "Anna Schmidt", "Maria Garcia"]),
            house=source.randint(1, 99), day=source.randint(1, 28), year=source.randint(50, 99), word="Sesame" + digits(3),
        )  # fmt: skip

    found = []
    for _ in range(count):
        text = sentence()
        while len(text) < LENGTH:
            text += " " + sentence()
        found.append(text[: LENGTH + 20].rsplit(" ", 1)[0])
    return found


def ours() -> Callable[[str], object]:
    """The gateway's scanner: patterns, validators, names, disguises."""
    from chatwarden.detection.scan import Scanner  # noqa: PLC0415  each loads its own

    return Scanner().scan


def one_by_one() -> Callable[[str], object]:
    """Python's ``re``, our patterns as far as it understands them, one after the other, nothing checked."""
    from chatwarden.detection.patterns import PATTERNS  # noqa: PLC0415  each loads its own

    letters = {
        r"[^\P{Lu}I]": "[A-HJ-ZÀ-Þ]",
        r"\p{Lu}": "[A-ZÀ-Þ]",
        r"\p{Ll}": "[a-zß-ÿ]",
        r"\p{L}": r"[^\W\d_]",
        r"\p{N}": r"\d",
        r"\z": r"\Z",
    }
    compiled = []
    for pattern in PATTERNS:
        regex = re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: re.escape(chr(int(m[1], 16))), pattern.regex)
        inside = re.sub(r"\[[^\]]*\\p\{L[ul]?\}[^\]]*\]", lambda m: re.sub(r"\\p\{L[ul]?\}", r"\\w", m[0]), regex)
        for ours_, theirs in letters.items():
            inside = inside.replace(ours_, theirs)
        compiled.append(re.compile(inside))
    return lambda text: [pattern.findall(text) for pattern in compiled]


def presidio() -> Callable[[str], object]:
    """Presidio's predefined English recognisers that work by pattern, called as its engine calls them."""
    from presidio_analyzer import PatternRecognizer, RecognizerRegistry  # type: ignore[import-not-found]  # noqa: PLC0415

    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    recognizers = [one for one in registry.recognizers if isinstance(one, PatternRecognizer)]
    return lambda text: [one.analyze(text, one.supported_entities) for one in recognizers]


CONTENDERS: dict[str, tuple[str, Callable[[], Callable[[str], object]]]] = {
    "ours": ("Chatwarden", ours),
    "re": ("Python re, our patterns one by one", one_by_one),
    "presidio": ("Presidio, default English patterns, no model", presidio),
}


def work(name: str, file: Path) -> None:
    """One contender: warms up, then measures a round for each line that it is sent."""
    given = json.loads(file.read_text())
    scan = CONTENDERS[name][1]()
    for text in given["seen"]:
        scan(text)
    print("ready", flush=True)
    for line in sys.stdin:
        each = []
        for text in given[line.strip()]:
            begun = time.perf_counter_ns()
            scan(text)
            each.append((time.perf_counter_ns() - begun) / 1e3)
        size = sum(len(text.encode()) for text in given[line.strip()])
        each.sort()
        told = {"p50": each[len(each) // 2], "p99": each[len(each) * 99 // 100], "mb": size / sum(each)}
        print(json.dumps(told), flush=True)


def measure(messages: int, rounds: int) -> dict[tuple[str, str], dict[str, float]]:
    """Medians over rounds in which the contenders take turns."""
    with tempfile.TemporaryDirectory(prefix="bench-detect-") as folder:
        file = Path(folder) / "texts.json"
        seen = texts("clean", 300, 1) + texts("dense", 300, 2)
        file.write_text(
            json.dumps({"seen": seen, "clean": texts("clean", messages, 3), "dense": texts("dense", messages, 4)})
        )
        workers = {}
        for name in CONTENDERS:
            python = PRESIDIO if name == "presidio" else sys.executable
            workers[name] = subprocess.Popen(
                [str(python), "-m", "bench.detect", "--worker", name, str(file)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
            )
            told = workers[name].stdout.readline()  # type: ignore[union-attr]
            if told != "ready\n":
                raise SystemExit(f"{name} did not start")
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for _ in range(rounds):
            for kind in ("clean", "dense"):
                for name, worker in workers.items():
                    assert worker.stdin is not None
                    assert worker.stdout is not None
                    worker.stdin.write(kind + "\n")
                    worker.stdin.flush()
                    found.setdefault((kind, name), []).append(json.loads(worker.stdout.readline()))
        for worker in workers.values():
            assert worker.stdin is not None
            worker.stdin.close()
            worker.wait()
    return {
        key: {figure: statistics.median(one[figure] for one in told) for figure in told[0]}
        for key, told in found.items()
    }


def page(options: argparse.Namespace, found: dict[tuple[str, str], dict[str, float]]) -> str:
    """What was found, in words and numbers."""
    rows = []
    for kind in ("clean", "dense"):
        least = found[kind, "ours"]["p50"]
        for name, (title, _) in CONTENDERS.items():
            told = found[kind, name]
            rows.append(
                f"| {kind} | {title} | {told['p50']:.1f} | {told['p99']:.1f} | {told['mb']:.2f} | "
                f"{told['p50'] / least:.1f} |"
            )
    ratio = found["clean", "presidio"]["p50"] / found["clean", "ours"]["p50"]
    lines = "\n".join(rows)
    return f"""# How fast messages are looked through

Written by `scripts/bench detect --write` on {time.strftime("%Y-%m-%d")}, {os.cpu_count()} processors: {
        options.messages
    } generated
messages of about {LENGTH} characters that no contender had seen, {options.rounds} rounds, one message at a time.

| messages | what looks | half, us | 99 %, us | MB/s | times ours |
| --- | --- | ---: | ---: | ---: | ---: |
{lines}

The aims were under 15 us for half of the clean messages and 100 times the speed of Presidio: {
        "met" if least_clean(found) < 15 else "missed"
    } with {least_clean(found):.1f} us, and {"met" if ratio >= 100 else "missed"} with {
        ratio:.0f} times. What looks finds different things:
Presidio's recognisers know other countries and no names without a model, ``re`` checks nothing.
"""


def least_clean(found: dict[tuple[str, str], dict[str, float]]) -> float:
    """Ours, on clean messages."""
    return found["clean", "ours"]["p50"]


def main() -> None:
    """Runs it."""
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--messages", type=int, default=2_000)
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--write", action="store_true", help="write docs/performance-detection.md")
    p.add_argument("--worker", nargs=2, help=argparse.SUPPRESS)
    options = p.parse_args()
    if options.worker:
        work(options.worker[0], Path(options.worker[1]))
        return
    text = page(options, measure(options.messages, options.rounds))
    print(text)
    if options.write:
        PAGE.write_text(text)


if __name__ == "__main__":
    main()
