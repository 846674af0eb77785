"""Every event, in every lane, is a valid OCSF event by the schema of the release, as a package of others has it."""

from __future__ import annotations

import itertools
import json
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from tests.world.log import AT, record

from chatwarden.audit.formats.ocsf import VERSION, event, ocsf
from chatwarden.audit.model import Event, Lane
from chatwarden.audit.ocsf import OCSF

PERSON, BOT = "usr_" + "1" * 32, "bot_" + "2" * 32


@cache
def schema() -> OcsfJsonSchemaEmbedded:
    return OcsfJsonSchemaEmbedded(get_ocsf_schema(version=VERSION))


@cache
def validator(class_uid: int, profiles: tuple[str, ...]) -> Any:
    made = schema().get_class_schema(schema().lookup_class_name_from_uid(class_uid), list(profiles))
    assert made["additionalProperties"] is False
    return jsonschema_rs.validator_for(made)


def faults(said: dict[str, Any]) -> list[str]:
    """What the schema has against an event."""
    profiles = tuple(said["metadata"].get("profiles", ()))
    return [str(error)[:200] for error in validator(said["class_uid"], profiles).iter_errors(said)]


@pytest.mark.parametrize("what", list(Event))
def test_every_event_is_valid_in_every_lane(what: Event) -> None:
    for lane, about, decision, full in itertools.product(
        Lane, ("", PERSON, "msg_" + "3" * 32, "shop"), ("allow", "deny", "observe"), (False, True)
    ):
        more: dict[str, Any] = {
            "reason": "idle email",
            "session": "ab" * 16,
            "cause": "aud_" + "4" * 32,
            "act": (PERSON,),
        }
        more |= {"resource": "app:crm", "commitment": "c" * 64, "detail": "d" * 64, "late": True}
        said = json.loads(ocsf(record(what, lane=lane, object=about, decision=decision, **(more if full else {}))))
        assert faults(said) == [], (lane, about)


def test_the_schema_refuses_what_is_wrong() -> None:
    said = event(record())
    assert faults(said) == []
    assert faults(said | {"actor": {}})
    assert faults(said | {"invented": 1})
    assert faults(said | {"activity_id": 77})
    assert faults({name: value for name, value in said.items() if name != "metadata"} | {"metadata": {}})


def test_numbers_are_those_of_the_entry_and_captions_those_of_the_release() -> None:
    for what in Event:
        said = event(record(what))
        assert (said["class_uid"], said["activity_id"]) == (OCSF[what].class_uid, OCSF[what].activity_id)
        known = schema().schema.schema["classes"][schema().lookup_class_name_from_uid(said["class_uid"])]
        assert str(said["activity_id"]) in known["attributes"]["activity_id"]["enum"]
        assert known["category_uid"] == said["category_uid"]
        assert (said["activity_id"] == 99) is ("activity_name" in said)


def test_each_carries_index_and_leaf_hash() -> None:
    one = record(number=8, year=2026)
    said = event(one)
    assert (said["unmapped"]["log_index"], said["unmapped"]["leaf_hash"]) == (7, one.leaf)
    assert (said["metadata"]["sequence"], said["metadata"]["log_name"], said["metadata"]["uid"]) == (
        7, "audit/2026", one.entry.id,
    )  # fmt: skip
    assert said["time"] == AT // 1_000


def test_a_bot_is_a_service_under_the_profile_for_ai_and_acts_for_a_person() -> None:
    said = event(record(Event.MESSAGE_ANSWERED, lane=Lane.BOT, actor=BOT, act=(PERSON,)))
    assert said["metadata"]["profiles"] == ["ai_operation"]
    assert (said["actor"]["user"], said["ai_model"]["name"]) == ({"uid": BOT, "type_id": 4, "type": "Service"}, BOT)
    assert (said["unmapped"]["act"], said["unmapped"]["ai_agent"]) == ((PERSON,), {"uid": BOT})
    assert "ai_model" not in event(record())


def test_an_end_says_why_and_a_refusal_is_a_failure() -> None:
    ended = event(record(Event.SESSION_ENDED, reason="idle", session="ab" * 16))
    assert ended["session"] == {"uid": "ab" * 16, "expiration_reason": "idle"}
    refused = event(record(Event.LOGIN_REFUSED, decision="deny", reason="password"))
    assert (refused["status_id"], refused["severity_id"], refused["status_detail"]) == (2, 2, "password")
    assert event(record(Event.BULK_READ_NOTICED))["severity_id"] == 3


def test_an_entry_of_the_first_version_has_its_class_too() -> None:
    said = event(record(ocsf=None, v=1))
    assert said["class_uid"] == 6003
    assert faults(said) == []
