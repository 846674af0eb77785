"""What the commands of the desk do."""

from __future__ import annotations

import argparse
from typing import Any

from chatwarden.cli.commands import ask, say, show, table
from chatwarden.clock import SECOND
from chatwarden.config import values
from chatwarden.errors import ConfigurationError


def numbers(options: argparse.Namespace) -> int:
    """Tells what the desk did."""
    try:
        span = values.duration(options.span)
    except ValueError as error:
        raise ConfigurationError(str(error)) from None
    result = ask(options, "desk.numbers", seconds=span // SECOND)

    return show(options, result, told)


def told(shown: Any) -> None:
    """Prints numbers for people."""
    share = f" ({100 * shown['answered_by_bot'] // shown['inquiries']} %)" if shown["inquiries"] else ""
    say(f"since {shown['since']}")
    say(f"inquiries        {shown['inquiries']}")
    say(f"answered by bot  {shown['answered_by_bot']}{share}")
    say(f"handed over      {shown['handed_over']}")
    say(f"not taken        {shown['not_taken']}")
    for name in ("waiting", "handling"):
        times = shown[name]
        if times["median"] is not None:
            say(f"{name:<16} median {times['median']:.0f} s, 90 % within {times['p90']:.0f} s")
    if shown["by_reason"]:
        rows = [{"reason": reason, "count": count} for reason, count in shown["by_reason"].items()]
        table(rows, {"reason": "REASON", "count": "HANDED OVER"})
