"""Which class of the Open Cybersecurity Schema Framework (OCSF 1.8.0) each event is, and which activity of it.

One table, so that an entry says it once, where it is written, and every export agrees. Numbers that were written are
part of the log: a row is never changed, only added. Not here: the rest of an OCSF record, which an export makes.
"""

from __future__ import annotations

from chatwarden.audit.model import Event, Ocsf

_AUTHENTICATION, _SESSION, _ENTITY, _LIFECYCLE, _API, _DATASTORE = 3002, 3003, 3004, 6002, 6003, 6005
_OTHER = 99


def _rows(class_uid: int, **activities: tuple[int, tuple[Event, ...]]) -> dict[Event, Ocsf]:
    """The events of a class by activity; the keywords are OCSF's own names."""
    return {
        event: Ocsf(activity_id=number, class_uid=class_uid)
        for number, events in activities.values()
        for event in events
    }


OCSF: dict[Event, Ocsf] = {
    **_rows(
        _LIFECYCLE,
        start=(3, (Event.GATEWAY_STARTED,)),
        stop=(4, (Event.GATEWAY_STOPPED,)),
        update=(8, (Event.GATEWAY_RELOADED,)),
        disable=(7, (Event.BOT_PAUSED,)),
        enable=(6, (Event.BOT_RESUMED,)),
        other=(_OTHER, (
            Event.BOT_FAILED, Event.NOTICE_GIVEN_UP, Event.WITNESS_REFUSED, Event.SYSLOG_BEHIND, Event.SYSLOG_CAUGHT_UP,
            Event.SYSLOG_MISSED,
            Event.AUDIT_DAMAGED,
        )),
    ),
    **_rows(
        _ENTITY,
        create=(1, (
            Event.USER_ADDED, Event.FACTOR_ADDED, Event.KEY_MADE, Event.APPLICATION_ADDED, Event.GRANT_ADDED,
        )),
        update=(3, (
            Event.USER_RESET, Event.USER_ROLE_CHANGED, Event.USER_CONTACT_CHANGED, Event.FACTOR_RENAMED,
            Event.PASSWORD_CHANGED, Event.RECOVERY_RENEWED, Event.CREDENTIAL_ROTATED,
        )),
        delete=(4, (Event.FACTOR_REMOVED, Event.APPLICATION_REMOVED, Event.GRANT_REMOVED)),
        enroll=(6, (Event.USER_ENROLMENT_ISSUED, Event.USER_ENROLLED)),
        enable=(8, (Event.USER_ENABLED,)),
        disable=(9, (Event.USER_DISABLED,)),
    ),
    **_rows(
        _AUTHENTICATION,
        logon=(1, (
            Event.SESSION_STARTED, Event.LOGIN_REFUSED, Event.LOGIN_FACTOR_REFUSED, Event.RECOVERY_USED,
            Event.STEP_UP_CONFIRMED, Event.STEP_UP_REFUSED,
        )),
        logoff=(2, (Event.COMPANY_LOGOUT, Event.COMPANY_LOGOUT_REFUSED)),
        # OCSF has no activity for a prompt or an expiry.
        other=(_OTHER, (
            Event.SESSION_ASKED, Event.SESSION_CONFIRMED, Event.SESSION_CONFIRMATION_REFUSED, Event.SESSION_ENDED,
        )),
    ),
    **_rows(
        _SESSION,
        other=(_OTHER, (
            Event.SESSION_ISSUED, Event.TOKEN_ISSUED, Event.TOKEN_REFUSED, Event.TOKEN_REVOKED, Event.LEASE_OPENED,
            Event.LEASE_ENDED, Event.LEASE_REVOKED, Event.LEASE_NOT_REVOKED,
        )),
    ),
    **_rows(
        _API,
        create=(1, (
            Event.CONVERSATION_OPENED, Event.MESSAGE_RECEIVED, Event.MESSAGE_HELD, Event.MESSAGE_BLOCKED,
            Event.MESSAGE_ANSWERED, Event.MESSAGE_SENT, Event.MESSAGE_NOTED,
        )),
        update=(3, (
            Event.CONVERSATION_MOVED, Event.CONVERSATION_HANDOFF_REQUESTED, Event.CONVERSATION_HANDOFF_OFFERED,
            Event.MESSAGE_RELEASED, Event.CONVERSATION_HANDOFF_RAISED,
            Event.CONVERSATION_HANDOFF_DECLINED, Event.CONVERSATION_HANDOFF_WITHDRAWN, Event.CONVERSATION_HANDOFF_NOT_TAKEN,
            Event.CONVERSATION_HANDOFF_TAKEN, Event.CONVERSATION_HANDOFF_ASSIGNED, Event.CONVERSATION_HANDOFF_REQUEUED,
            Event.CONVERSATION_HANDOFF_TRANSFERRED, Event.CONVERSATION_HANDOFF_FINISHED, Event.CONVERSATION_HANDOFF_RESUMED,
            Event.CONVERSATION_HANDOFF_RETURNED, Event.CONVERSATION_HANDOFF_CLOSED, Event.CONVERSATION_HANDOFF_REOPENED,
        )),
        other=(_OTHER, (
            Event.BROKER_CALLED, Event.BROKER_ANSWERED, Event.BROKER_REFUSED, Event.BROKER_ECHO_FOUND,
        )),
    ),
    **_rows(
        _DATASTORE,
        read=(1, (
            Event.EXPORT_MADE, Event.BULK_READ_NOTICED, Event.CONVERSATION_SHOWN, Event.BACKUP_MADE,
            Event.MESSAGE_REVEALED,
        )),
        update=(2, (Event.MESSAGE_SHORTENED,)),
        write=(5, (Event.BACKUP_RESTORED,)),
        create=(6, (Event.AUDIT_YEAR_OPENED,)),
        delete=(7, (
            Event.MESSAGE_DESTROYED, Event.ERASURE_REQUESTED, Event.AUDIT_YEAR_DROPPED, Event.AUDIT_DETAILS_ERASED,
        )),
    ),
    **_rows(
        _ENTITY,
        create=(1, (Event.BOT_ADDED, Event.BOT_INSTANCE_ADDED)),
        update=(3, (Event.BOT_LEVEL_CHANGED, Event.BOT_ROTATED, Event.BOT_CREDENTIAL_ENDED)),
        enable=(8, (Event.BOT_ENABLED,)),
        disable=(9, (Event.BOT_DISABLED, Event.BOT_LOCKED)),
    ),
    **_rows(_AUTHENTICATION, logon=(1, (Event.BOT_SIGNED_IN,)), other=(_OTHER, (Event.CREDENTIAL_MISPLACED,))),
}  # fmt: skip
