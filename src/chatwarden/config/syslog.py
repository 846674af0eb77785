"""``[audit.syslog]``: what must stand together."""

from __future__ import annotations

from chatwarden.config.alarms import SyslogConfig
from chatwarden.config.written import Written


def syslog(written: Written) -> SyslogConfig:
    """Where entries go besides. Raises ConfigurationError."""
    table = written.table("audit", "syslog")
    host, port = table.pop("url", ("", 0))
    if not host:
        for name in [name for name, value in table.items() if value != getattr(SyslogConfig(), name)]:
            raise written.error(("audit", "syslog", name), f"audit.syslog.{name} needs audit.syslog.url, the receiver")
        return SyslogConfig()
    config = SyslogConfig(host=host, port=port, **table)
    if (config.certificate_file is None) != (config.key_file is None):
        at = "key_file" if config.certificate_file is None else "certificate_file"
        raise written.error(
            ("audit", "syslog", at), "audit.syslog.certificate_file and audit.syslog.key_file go together"
        )
    return config
