"""``[notify]``: what must stand together, and what would carry a secret in the clear."""

from __future__ import annotations

from urllib.parse import urlsplit

from chatwarden.config.mail import host_and_port
from chatwarden.config.model import NotifyConfig, is_loopback
from chatwarden.config.written import Written

_OF_MAIL = ("smtp_tls", "smtp_user", "smtp_password_file", "from", "to")


def notify(written: Written) -> NotifyConfig:
    """Who is told, and how. Raises ConfigurationError."""
    table = written.table("notify")
    config = NotifyConfig(**{"sender" if name == "from" else name: value for name, value in table.items()})
    _mail(written, config)
    _webhook(written, config)
    if config.ca_file is not None and not config.smtp and not config.webhook:
        raise written.error(("notify", "ca_file"), "notify.ca_file needs notify.smtp or notify.webhook")
    return config


def _mail(written: Written, config: NotifyConfig) -> None:
    if not config.smtp:
        for name in _OF_MAIL:
            if written.values.get(("notify", name)) not in {None, "", "starttls"}:
                raise written.error(("notify", name), f"notify.{name} needs notify.smtp, the mail server")
        return
    for name, value in (("from", config.sender), ("to", config.to)):
        if not value:
            raise written.error(("notify", "smtp"), f"notify.smtp needs notify.{name}")
    if bool(config.smtp_user) != (config.smtp_password_file is not None):
        raise written.error(("notify", "smtp"), "notify.smtp_user and notify.smtp_password_file go together")
    if config.smtp_tls == "off" and not is_loopback(host_and_port(config.smtp)[0]):
        raise written.error(
            ("notify", "smtp_tls"), "mail to another machine always goes over TLS",
            'write smtp_tls = "starttls" (port 587) or "tls" (port 465)',
        )  # fmt: skip


def _webhook(written: Written, config: NotifyConfig) -> None:
    if bool(config.webhook) != (config.webhook_secret_file is not None):
        at = "webhook" if config.webhook else "webhook_secret_file"
        raise written.error(
            ("notify", at), "notify.webhook and notify.webhook_secret_file go together",
            "who is told must be able to see that it was this gateway who told it",
        )  # fmt: skip
    parts = urlsplit(config.webhook)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise written.error(("notify", "webhook"), "notify.webhook is plain http to another machine", "use https")
