"""The rows of ``[session]``, ``[step_up]``, ``[rights]`` and ``[passwords]``."""

from __future__ import annotations

from chatwarden.clock import MINUTE, SECOND
from chatwarden.config import values as v
from chatwarden.config.model import PasswordConfig, SessionConfig, SessionPolicy, StepUp
from chatwarden.config.setting import OPTIONAL, Setting, row

_POLICY, _SESSION, _STEP, _PASSWORDS = SessionPolicy(), SessionConfig(), StepUp(), PasswordConfig()


def _session(prefix: str) -> list[Setting]:
    return [
        row(f"{prefix}.idle", v.duration, _POLICY.idle,
            "a session ends this long after the person's last input", reload=True, floor=MINUTE),
        row(f"{prefix}.answer_within", v.duration, _POLICY.answer_within,
            "the person is asked this long before the idle end; shorter than idle", reload=True, floor=20 * SECOND),
        row(f"{prefix}.absolute", v.duration, _POLICY.absolute,
            "a session ends this long after it began, whatever happens", reload=True, floor=MINUTE),
        row(f"{prefix}.attempts", v.count(1, 100), _POLICY.attempts,
            "wrong answers in a row that end the session", reload=True),
        row(f"{prefix}.confirmation", v.one_of("tap", "password", "totp", "passkey"), _POLICY.confirmation,
            "what keeps a silent session: tap, password, totp or passkey; who has no such factor taps", reload=True),
        row(f"{prefix}.recheck", OPTIONAL, _POLICY.recheck,
            "an active person is asked for a factor about this often; nobody is asked who has none", reload=True,
            floor=MINUTE),
        row(f"{prefix}.recheck_on_change", v.boolean, _POLICY.recheck_on_change,
            "whether a person is asked for a factor when address block, client or pace change", reload=True),
        row(f"{prefix}.second_factor", v.one_of("optional", "required"), _POLICY.second_factor,
            "required: nothing works before a second factor is set up; always so for staff", reload=True),
        row(f"{prefix}.hours", v.hours, "", "when people may be signed in; empty is always", reload=True),
    ]  # fmt: skip


SESSION_SETTINGS: tuple[Setting, ...] = (
    row("session.profile", v.one_of("general", "bank"), _SESSION.profile,
        "defaults of all sessions: bank is 5m idle, 60m absolute, factors asked again and once per operation",
        reload=True),
    row("session.visitors", v.boolean, _SESSION.visitors,
        "whether people may chat without saying who they are", reload=True),
    row("session.time_zone", v.time_zone, _SESSION.time_zone, "the time zone of hours", reload=True),
    *_session("session"),
    *_session("session.*"),
    row("step_up.*.fresh", v.duration, _STEP.fresh,
        "how long ago a factor may have been proved for this operation", reload=True),
    row("step_up.*.once", v.boolean, _STEP.once,
        "whether each single operation wants a factor of its own; so in profile bank, and for applications", reload=True),
    row("step_up.*.within", v.duration, _STEP.within,
        "how long the person has to answer, and then to begin the operation", reload=True, floor=20 * SECOND),
    row("step_up.*.attempts", v.count(1, 10), _STEP.attempts,
        "wrong answers that end the operation", reload=True),
    row("rights.*", v.rights, (), "names of what people of a role may do in applications", reload=True),
    row("passwords.alone", v.count(8, 64), _PASSWORDS.alone,
        "least length of a password that is the only factor", reload=True),
    row("passwords.beside", v.count(8, 64), _PASSWORDS.beside,
        "least length where a second factor is required", reload=True),
    row("passwords.staff", v.count(8, 64), _PASSWORDS.staff, "least length for staff", reload=True),
    row("passwords.staff_digits", v.boolean, _PASSWORDS.staff_digits,
        "whether a staff password needs a letter and a digit (PCI DSS 8.3.6); so in profile bank", reload=True),
    row("passwords.refused_file", v.path, None,
        "file with further passwords to refuse, one a line: for example those found in a breach", reload=True),
)  # fmt: skip
