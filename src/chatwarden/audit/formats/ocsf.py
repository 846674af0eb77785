"""A record as an event of the Open Cybersecurity Schema Framework, release 1.8.0, with its profile ``ai_operation`` for bots.

Class and activity are those that the entry says itself (audit/ocsf.py). What an entry has and the release has no place for
stands under ``unmapped``: lane, cause, acting-for chain, commitments, leaf hash, and who the bot is: ``ai_agent`` comes with
a later release. People are pseudonyms here as in the log; there is no address, name or content in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from chatwarden import __version__
from chatwarden.audit.model import Entry, Lane, Ocsf
from chatwarden.audit.ocsf import OCSF
from chatwarden.audit.records import Record

VERSION = "1.8.0"
_PRODUCT = {"name": "Chatwarden", "vendor_name": "Chatwarden", "version": __version__}
_HERE = {"svc_name": "chatwarden"}
_INFORMATIONAL, _LOW, _MEDIUM = 1, 2, 3
_SUCCESS, _FAILURE = 1, 2
_OTHER = 99
# OCSF user.type_id, by lane.
_USER_TYPES = {Lane.CLIENT: (1, "User"), Lane.STAFF: (2, "Admin"), Lane.SYSTEM: (3, "System"), Lane.BOT: (4, "Service")}
_ALARMS = frozenset({"bulk-read:noticed", "syslog:behind", "syslog:missed", "witness:refused", "broker:echo-found"})
_AI_CLASSES = frozenset({6003, 6005})
_WITH_ACTOR = frozenset({3002, 3003, 3004, 6003, 6005})
_UNMAPPED = ("lane", "cause", "commitment", "detail", "late", "act", "resource", "object")
_JSON = msgspec.json.Encoder()


def ocsf(record: Record) -> bytes:
    """One OCSF event in one line."""
    return _JSON.encode(event(record))


def event(record: Record) -> dict[str, Any]:
    """The same as plain data."""
    entry = record.entry
    what = entry.ocsf or OCSF[entry.event]
    denied = entry.decision == "deny"
    alarm = entry.event in _ALARMS
    found: dict[str, Any] = {
        "class_uid": what.class_uid,
        "category_uid": what.class_uid // 1_000,
        "activity_id": what.activity_id,
        "type_uid": what.class_uid * 100 + what.activity_id,
        "time": entry.at // 1_000,
        "severity_id": _MEDIUM if alarm else _LOW if denied else _INFORMATIONAL,
        "status_id": _FAILURE if denied else _SUCCESS,
        "message": entry.event,
        "metadata": _metadata(record, what),
        "unmapped": _unmapped(record),
        **_CLASSES.get(what.class_uid, _nothing)(entry),
    }
    if what.activity_id == _OTHER:
        found["activity_name"] = entry.event
    if entry.reason:
        found["status_detail"] = entry.reason
    if _is_ai(entry, what):
        # The release wants a provider; who that is the log does not know.
        found["ai_model"] = {"name": entry.actor, "ai_provider": "unknown"}
    return found


def _is_ai(entry: Entry, what: Ocsf) -> bool:
    return entry.lane is Lane.BOT and what.class_uid in _AI_CLASSES


def _metadata(record: Record, what: Ocsf) -> dict[str, Any]:
    entry = record.entry
    found: dict[str, Any] = {
        "version": VERSION,
        "product": _PRODUCT,
        "uid": entry.id,
        "event_code": entry.event,
        "log_name": f"audit/{record.year}" if record.year else "audit",
        "log_version": str(entry.v),
        "sequence": record.index,
    }
    if entry.cause:
        found["correlation_uid"] = entry.cause
    if _is_ai(entry, what):
        found["profiles"] = ["ai_operation"]
    return found


def _unmapped(record: Record) -> dict[str, Any]:
    entry = record.entry
    found: dict[str, Any] = {"log_index": record.index, "leaf_hash": record.leaf}
    if (entry.ocsf or OCSF[entry.event]).class_uid not in _WITH_ACTOR:
        found["actor"] = entry.actor
    found |= {name: value for name in _UNMAPPED if (value := getattr(entry, name))}
    if entry.lane is Lane.BOT:
        found["ai_agent"] = {"uid": entry.actor}
    return found


def _user(uid: str, lane: Lane) -> dict[str, Any]:
    number, caption = _USER_TYPES[lane]
    return {"uid": uid, "type_id": number, "type": caption}


def _actor(entry: Entry) -> dict[str, Any]:
    actor: dict[str, Any] = {
        "user": _user(entry.actor, entry.lane), "authorizations": [{"decision": entry.decision}]
    }  # fmt: skip
    if entry.session:
        actor["session"] = {"uid": entry.session}
    return actor


def _subject(entry: Entry) -> dict[str, Any]:
    """Whom a login or a session is about."""
    if entry.object.startswith(("usr_", "vis_")):
        return _user(entry.object, Lane.CLIENT)
    return _user(entry.actor, entry.lane)


def _authentication(entry: Entry) -> dict[str, Any]:
    found: dict[str, Any] = {"user": _subject(entry), "actor": _actor(entry), "service": {"name": "chatwarden"}}
    session = {"uid": entry.session} if entry.session else {}
    if entry.event == "session:ended" and entry.reason:
        session["expiration_reason"] = entry.reason
    return found | ({"session": session} if session else {})


def _authorize_session(entry: Entry) -> dict[str, Any]:
    return {"user": _subject(entry), "actor": _actor(entry), "privileges": entry.reason.split() or [entry.event]}


def _entity(entry: Entry) -> dict[str, Any]:
    kind = entry.event.partition(":")[0]
    uid = entry.object or entry.actor
    entity: dict[str, Any] = {"uid": uid, "type_id": _OTHER, "type": kind}
    if uid.startswith("usr_"):
        entity = {"uid": uid, "type_id": 2, "type": "User", "user": {"uid": uid}}
    return {"entity": entity, "actor": _actor(entry)}


def _lifecycle(entry: Entry) -> dict[str, Any]:
    about = entry.object or entry.actor
    # This class has no actor.
    return {"app": _PRODUCT if entry.event.startswith("gateway:") else {"name": about}}


def _api(entry: Entry) -> dict[str, Any]:
    resources = [{"uid": entry.object}] if entry.object else []
    if entry.resource:
        resources.append({"name": entry.resource})
    found: dict[str, Any] = {"actor": _actor(entry), "api": {"operation": entry.event}, "src_endpoint": _HERE}
    return found | ({"resources": resources} if resources else {})


def _datastore(entry: Entry) -> dict[str, Any]:
    database = {"name": "record", "type_id": _OTHER, "type": "conversations and log"}
    if entry.object:
        database["uid"] = entry.object
    return {"actor": _actor(entry), "database": database, "src_endpoint": _HERE}


def _nothing(_entry: Entry) -> dict[str, Any]:
    return {}


_CLASSES: dict[int, Callable[[Entry], dict[str, Any]]] = {
    3002: _authentication,
    3003: _authorize_session,
    3004: _entity,
    6002: _lifecycle,
    6003: _api,
    6005: _datastore,
}
