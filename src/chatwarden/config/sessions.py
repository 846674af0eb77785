"""``[session]``, ``[step_up]`` and ``[passwords]``: a profile, then the general table, then the role's own; what staff
may do is bounded whatever was written.
"""

from __future__ import annotations

from dataclasses import replace

from chatwarden.clock import HOUR, MINUTE
from chatwarden.config.model import ALWAYS, OPERATIONS, PasswordConfig, SessionConfig, SessionPolicy, StepUp
from chatwarden.config.written import Written
from chatwarden.principal import STAFF, Role

_PROFILES = {
    "general": SessionPolicy(),
    "bank": SessionPolicy(idle=5 * MINUTE, absolute=60 * MINUTE, recheck=20 * MINUTE, recheck_on_change=True),
}
# PCI DSS 8.2.8: staff are asked again after at most 15 minutes; who administers, after 10.
_STAFF_IDLE = {Role.AGENT: 15 * MINUTE, Role.TRAINER: 15 * MINUTE, Role.ADMIN: 10 * MINUTE, Role.AUDITOR: 10 * MINUTE}
_STAFF_ABSOLUTE = 12 * HOUR
_STAFF_RECHECK = 2 * HOUR


def of_profile(name: str) -> SessionPolicy:
    """What a profile sets where nothing is written."""
    return _PROFILES[name]


def session(written: Written) -> SessionConfig:
    """The policy of every role. Raises ConfigurationError."""
    profile = written.values.get(("session", "profile"), "general")
    general = replace(_PROFILES[profile], **written.table("session"))
    return SessionConfig(
        profile,
        written.values.get(("session", "visitors"), True),
        written.values.get(("session", "time_zone"), "UTC"),
        {role: _policy(written, general, role) for role in Role},
    )


def _policy(written: Written, general: SessionPolicy, role: Role) -> SessionPolicy:
    own = written.table("session", role.value)
    at = ("session", role.value) if own else ("session",)
    policy = replace(_staffed(general, role) if role in STAFF else general, **own)
    if role in STAFF:
        if policy.idle > _STAFF_IDLE[role]:
            raise written.error(
                (*at, "idle"), f"staff are idle for at most {_STAFF_IDLE[role] // MINUTE}m: {role.value}"
            )
        if policy.absolute > _STAFF_ABSOLUTE:
            raise written.error(
                (*at, "absolute"), f"staff sessions last at most {_STAFF_ABSOLUTE // HOUR}h: {role.value}"
            )
        if policy.second_factor != "required":
            raise written.error((*at, "second_factor"), f"staff always need a second factor: {role.value}")
    if policy.answer_within >= policy.idle:
        raise written.error((*at, "answer_within"), "session.answer_within must be shorter than session.idle")
    return policy


def _staffed(general: SessionPolicy, role: Role) -> SessionPolicy:
    return replace(
        general,
        idle=min(general.idle, _STAFF_IDLE[role]),
        absolute=min(general.absolute, _STAFF_ABSOLUTE),
        recheck=min(general.recheck or _STAFF_RECHECK, _STAFF_RECHECK),
        recheck_on_change=True,
        second_factor="required",
    )


def step_up(written: Written) -> dict[str, StepUp]:
    """The operations that want a fresh factor: those that this program knows, and the operator's own."""
    bank = written.values.get(("session", "profile"), "general") == "bank"
    names = dict.fromkeys((*OPERATIONS, *written.names("step_up")))
    return {
        name: replace(StepUp(once=bank or name in ALWAYS), **written.table("step_up", name)) for name in names
    }  # fmt: skip


def passwords(written: Written) -> PasswordConfig:
    """What passwords must be: PCI's rule of letters and digits is for the staff of a bank."""
    bank = written.values.get(("session", "profile"), "general") == "bank"
    return replace(PasswordConfig(staff_digits=bank), **written.table("passwords"))
