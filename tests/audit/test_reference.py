"""The page of events is what the enumeration makes."""

from __future__ import annotations

import re
from pathlib import Path

from chatwarden.audit.model import Event
from chatwarden.audit.ocsf import OCSF
from chatwarden.audit.reference import CLASSES, page

PAGE = Path(__file__).parents[2] / "docs" / "audit-events.md"


def test_the_page_of_events_is_what_the_enumeration_makes() -> None:
    assert PAGE.read_text() == page(), "python -m chatwarden.audit.reference > docs/audit-events.md"


def test_every_event_stands_there_once() -> None:
    assert sorted(re.findall(r"^\| `([a-z:-]+)` \|", page(), re.MULTILINE)) == sorted(Event)


def test_classes_have_the_names_of_the_release() -> None:
    from ocsf_json_schema import get_ocsf_schema

    names = {one["uid"]: one["caption"] for one in get_ocsf_schema(version="1.8.0")["classes"].values()}
    assert {uid: names[uid] for uid in CLASSES} == CLASSES
    assert {one.class_uid for one in OCSF.values()} == set(CLASSES)
