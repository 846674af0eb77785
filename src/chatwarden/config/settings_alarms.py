"""The rows of ``[audit.syslog]`` and ``[alarms]``: who else sees the log, and from when on reading is reading in bulk."""

from __future__ import annotations

from chatwarden.clock import MINUTE
from chatwarden.config import values as v
from chatwarden.config.alarms import AlarmsConfig, SyslogConfig
from chatwarden.config.setting import Setting, row

_ALARMS, _SYSLOG = AlarmsConfig(), SyslogConfig()

ALARM_SETTINGS: tuple[Setting, ...] = (
    row("audit.syslog.url", v.syslog_url, _SYSLOG.url,
        "where every entry of the log is sent too, by syslog over TLS (RFC 5425): tls://host:port; empty sends none"),
    row("audit.syslog.format", v.one_of("ocsf", "cef", "json"), _SYSLOG.format,
        "what an entry is written as: ocsf (1.8.0), cef, or json, which is the entry as it is in the log"),
    row("audit.syslog.ca_file", v.path, None,
        "the only certificate authority that the receiver may have, if not a public one"),
    row("audit.syslog.certificate_file", v.path, None,
        "certificate that is shown to the receiver; with key_file"),
    row("audit.syslog.key_file", v.path, None, "the private key of that certificate (PEM, no passphrase)"),
    row("audit.syslog.alarm_after", v.duration, _SYSLOG.alarm_after,
        "administrators are told when an entry waits longer than this for the receiver", floor=MINUTE),
    row("alarms.bulk_conversations", v.threshold, _ALARMS.bulk_conversations,
        "administrators are told when one party reads more different conversations than this", reload=True),
    row("alarms.bulk_exports", v.threshold, _ALARMS.bulk_exports,
        "the same for exports of everything that is kept about a person", reload=True),
    row("alarms.bulk_lookups", v.threshold, _ALARMS.bulk_lookups,
        "the same for different things that one bot looks up in applications for one person", reload=True),
    row("alarms.bulk_reveals", v.threshold, _ALARMS.bulk_reveals,
        "the same for masked values that one agent has shown", reload=True),
)  # fmt: skip
