"""Every event has its class, and each number is one that OCSF knows."""

from __future__ import annotations

from chatwarden.audit.model import Event
from chatwarden.audit.ocsf import OCSF

# The activities of each class, OCSF 1.6; 99 is "other" everywhere.
ACTIVITIES = {
    3002: range(1, 6),
    3003: range(1, 3),
    3004: range(1, 14),
    6002: range(1, 9),
    6003: range(1, 5),
    6005: range(1, 11),
}


def test_every_event_has_a_class_and_an_activity() -> None:
    assert set(OCSF) == set(Event)
    for event, ocsf in OCSF.items():
        assert ocsf.activity_id == 99 or ocsf.activity_id in ACTIVITIES[ocsf.class_uid], event
