"""``python -m chatwarden.config.reference`` writes docs/settings.md from the table of settings; a test holds the page
equal to what this prints.
"""

from __future__ import annotations

import sys

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, DataClass
from chatwarden.config.setting import Setting
from chatwarden.config.settings import SETTINGS
from chatwarden.config.values import shown_duration

_INTRODUCTION = """\
# Settings

One TOML file, `HOME/chatwarden.toml` or the one named with `--config`. Every setting has a default, so an empty file is
a sound one. `chatwarden config check` names the faulty line. This page is made by
`python -m chatwarden.config.reference`.

Durations are written `"90s"`, `"15m"`, `"24h"`, `"30d"`; class lifetimes also `"never"` (such text is not written at
all). Rates are written `"1/s burst 8"`. Everything under `[limits]` may be `"off"`. Relative paths start at the home.
Secrets never stand in this file.

A reload (SIGHUP) is enough where the table says so. A floor is the lowest value accepted; `server.lab = true`, which is
possible on loopback only, permits values below it, for tests.

`*` stands for the name of a bot, a client, a website, a company login or a topic, the value of a claim, a role (`visitor`,
`customer`, `agent`, `admin`, `auditor`, `trainer`), a data class or a reason. What holds for reasons and topics where nothing
is set: [which inquiries go to people](triage.md).
For sessions the role's own table goes before `[session]`, and that before the profile. Staff are always bounded:
`agent` and `trainer` to 15 minutes idle, `admin` and `auditor` to 10, all of them to 12 hours in total.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    section = ""
    for setting in SETTINGS:
        table = setting.name.rpartition(".")[0]
        if table != section:
            section = table
            parts.append(
                f"\n## `[{table}]`\n\n| setting | default | after a change | meaning |\n| --- | --- | --- | --- |\n"
            )
        parts.append(_row(setting))
    parts.append("\n## Data classes by default\n\n| class | lifetime | treatment |\n| --- | --- | --- |\n")
    parts.extend(
        f"| `{one.value}` | {shown_duration(DEFAULT_LIFETIME[one]).strip(chr(34))} | {DEFAULT_TREATMENT[one].value} |\n"
        for one in DataClass
    )
    return "".join(parts)


def _row(setting: Setting) -> str:
    if setting.default is None and setting.name.startswith(("retention.class", "policy.class")):
        default = "see below"
    else:
        default = "not set" if setting.default is None else f"`{setting.written_default}`"
    meaning = setting.meaning + (f"; floor {shown_duration(setting.floor).strip(chr(34))}" if setting.floor else "")
    return f"| `{setting.name}` | {default} | {'reload' if setting.reload else 'restart'} | {meaning} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
