"""``python -m chatwarden.sessions.reference`` writes docs/session-life.md from the table of a session's life; a test holds
the page equal to what this prints.
"""

from __future__ import annotations

import sys

from chatwarden.sessions.model import EndReason, State, Why
from chatwarden.sessions.rules import LIFE, Happening

_MEANING = {
    Happening.INPUT: "the person does something: a message, a button, an answer",
    Happening.QUIET: "nothing came from the person for `idle` less `answer_within`",
    Happening.RECHECK: "an active person is asked for a factor: after the interval `recheck`, or because something changed",
    Happening.CONFIRMED: "the right answer to the question, in time",
    Happening.WRONG: "a wrong answer: an attempt less and, unless a tap was asked for, half of the time that was left",
    Happening.DEADLINE: "the idle deadline, the absolute deadline or the time for the answer is reached",
    Happening.END: "logout, revocation, another login, a disabled account, a changed credential, too many wrong answers",
}
_REASONS = {
    EndReason.IDLE: "no input for `idle`, or no answer in time",
    EndReason.ABSOLUTE: "`absolute` after the beginning, or the end of the allowed hours",
    EndReason.WRONG_ANSWERS: "too many wrong answers, or the time was up after one",
    EndReason.REVOKED: "an administrator ended it, or gave the account another role",
    EndReason.LOGOUT: "the person ended it, here or from another session",
    EndReason.REPLACED: "a visitor logged in, or a second factor was set up: a new token took over",
    EndReason.DISABLED: "the account was disabled",
    EndReason.CREDENTIAL_CHANGED: "a password or factor of the account was changed in another session",
    EndReason.COMPANY_LOGOUT: "the company's login said that the person logged out there",
}
_WHY = {
    Why.INTERVAL: "the interval `recheck` is over (a fifth shorter to a fifth longer, so that nobody can wait for it)",
    Why.ADDRESS: "the token is used from another address block (IPv4 /24, IPv6 /48)",
    Why.CLIENT: "the token is used by another client (User-Agent)",
    Why.PACE: "inputs come eight times as fast as before, and faster than one in two seconds",
}
_HEAD = """\
# The life of a session

This page is made from the table in `sessions/rules.py` by `python -m chatwarden.sessions.reference`. What is not in the
table does not happen.

Deadlines are data and are compared at every use: with every request, at every piece of an event stream, at introspection
and exchange. A timer only tells people what is true already. Only the person's own input moves the idle deadline: an open
tab, a keep-alive, a typing indicator and what a bot says do not. Nothing moves the absolute deadline.

```mermaid
stateDiagram-v2
    [*] --> active
"""


def page() -> str:
    """The whole page."""
    parts = [_HEAD]
    for state, row in LIFE.items():
        parts.extend(f"    {state.value} --> {after.value}: {happening.value}\n" for happening, after in row.items())
    parts.append(f"    {State.ENDED.value} --> [*]\n```\n\n| happening | meaning |\n| --- | --- |\n")
    parts.extend(f"| `{one.value}` | {_MEANING[one]} |\n" for one in Happening)
    parts.append("\n## Why an active person is asked\n\n| reason | meaning |\n| --- | --- |\n")
    parts.extend(f"| `{one.value}` | {text} |\n" for one, text in _WHY.items())
    parts.append(
        "\nWho has no factor that could be asked for (a visitor, a program's token, a person whose company says who they "
        "are) is not asked.\n\n## Why a session ended\n\n| reason | meaning |\n| --- | --- |\n"
    )
    parts.extend(f"| `{one.value}` | {_REASONS[one]} |\n" for one in EndReason)
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(page())
