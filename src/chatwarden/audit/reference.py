"""``python -m chatwarden.audit.reference`` writes docs/audit-events.md from the enumeration of events; a test holds the page
equal to what this prints.
"""

from __future__ import annotations

import sys

from chatwarden.audit.meanings import MEANINGS
from chatwarden.audit.model import Event
from chatwarden.audit.ocsf import OCSF

CLASSES = {
    3002: "Authentication",
    3003: "Authorize Session",
    3004: "Entity Management",
    6002: "Application Lifecycle",
    6003: "API Activity",
    6005: "Datastore Activity",
}
_INTRODUCTION = """\
# What is in the log

Every act is one entry. An entry names pseudonyms, decisions and commitments, never content. This page is made by
`python -m chatwarden.audit.reference`.

The lane says whose act it is: the **client** lane is people who talk, **bot** what bots and programs do, **staff** the
house's own people and whoever may open the control socket (`control`), **system** the gateway itself. `cause` is the id of
the entry that led to this one, so what a bot did leads back to what a person said. `act` is on whose behalf it was done.
`decision` is `allow`, `deny`, or `observe` where rules were only watched. `late` marks an entry that was written after its
act: what takes away happens at once.

The last column is the class and activity in the Open Cybersecurity Schema Framework, 1.8.0; 99 is *Other*.
[The log for other programs](audit-export.md) says how it gets there.
"""


def page() -> str:
    """The whole page."""
    parts = [_INTRODUCTION]
    family = ""
    for event in sorted(Event):
        if event.partition(":")[0] != family:
            family = event.partition(":")[0]
            parts.append(
                f"\n## {family}\n\n| event | lane | what happened | object | OCSF |\n| --- | --- | --- | --- | --- |\n"
            )
        parts.append(_row(event))
    return "".join(parts)


def _row(event: Event) -> str:
    meaning, what = MEANINGS[event], OCSF[event]
    lanes = ", ".join(meaning.lanes)
    return (
        f"| `{event}` | {lanes} | {meaning.happened} | {meaning.about} | "
        f"{CLASSES[what.class_uid]} {what.class_uid}, {what.activity_id} |\n"
    )


if __name__ == "__main__":
    sys.stdout.write(page())
