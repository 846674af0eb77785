"""The rows of ``[audit]``."""

from __future__ import annotations

from chatwarden.config import values as v
from chatwarden.config.model import Config, WitnessConfig
from chatwarden.config.setting import Setting, row

_MOST = 16


def witnesses(value: object) -> tuple[WitnessConfig, ...]:
    """``[{ url = "https://witness.example.org", vkey = "witness.example.org+cf3a…+BG…" }]``."""
    wrong = ValueError('this is a list of { url = "https://…", vkey = "NAME+ID+KEY" }')
    if not isinstance(value, list) or len(value) > _MOST:
        raise wrong
    found = []
    for one in value:
        if not isinstance(one, dict) or set(one) != {"url", "vkey"} or v.text(one["vkey"]).count("+") < 2:
            raise wrong
        found.append(WitnessConfig(v.upstream_url(one["url"]), one["vkey"].strip()))
    if len({one.vkey for one in found}) != len(found):
        raise ValueError("a witness is named twice")
    return tuple(found)


AUDIT_SETTINGS: tuple[Setting, ...] = (
    row(
        "audit.keep", v.duration, Config().audit_keep,
        "how long after its end a year of the log is kept; then it is dropped as a whole, which is recorded", reload=True,
    ),
    row(
        "audit.witnesses", witnesses, Config().witnesses,
        "who cosigns checkpoints: { url, vkey } each (c2sp.org/tlog-witness)",
    ),
    row(
        "audit.ca_file", v.path, None,
        "the only certificate authority that witnesses may have, if not a public one",
    ),
)  # fmt: skip
