"""The command about the chat on other websites."""

from __future__ import annotations

import argparse
from typing import Any

from chatwarden.cli.commands import ask, say, show


def snippet(options: argparse.Namespace) -> int:
    """Prints what a website pastes, and what it needs besides."""

    def human(shown: Any) -> None:
        if shown["file"]:
            say(f"<!-- first: curl -o {shown['file']} {shown['loader']} -->")
        say(shown["paste"])
        say(f"<!-- where the page has a Content-Security-Policy, it needs: {shown['policy']} -->")

    return show(options, ask(options, "widget.snippet", mode=options.mode, bot=options.bot), human)
