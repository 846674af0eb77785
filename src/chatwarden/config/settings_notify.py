"""The rows of ``[notify]``."""

from __future__ import annotations

from chatwarden.clock import MINUTE
from chatwarden.config import mail
from chatwarden.config import values as v
from chatwarden.config.model import NotifyConfig
from chatwarden.config.setting import Setting, row

_NOTIFY = NotifyConfig()

NOTIFY_SETTINGS: tuple[Setting, ...] = (
    row("notify.smtp", mail.server, _NOTIFY.smtp,
        "mail server that takes the house's mail, host:port; empty sends no mail", reload=True),
    row("notify.smtp_tls", v.one_of("starttls", "tls", "off"), _NOTIFY.smtp_tls,
        "starttls (port 587), tls from the first byte (port 465), or off: only to this machine", reload=True),
    row("notify.smtp_user", mail.user, _NOTIFY.smtp_user, "user name at the mail server, if it wants one", reload=True),
    row("notify.smtp_password_file", v.path, None, "file with that user's password", reload=True),
    row("notify.from", mail.optional_address, _NOTIFY.sender, "mail address that notices come from", reload=True),
    row("notify.to", mail.optional_address, _NOTIFY.to,
        "mail address of the administrators: alarms, and changes to the credentials of staff", reload=True),
    row("notify.webhook", mail.webhook, _NOTIFY.webhook,
        "address that every notice is posted to (Standard Webhooks); http only to this machine", reload=True),
    row("notify.webhook_secret_file", v.path, None,
        "file with the secret (whsec_...) that signs what is posted; a line each while one is replaced", reload=True),
    row("notify.ca_file", v.path, None,
        "the only certificate authority that mail server and webhook may have, if not a public one", reload=True),
    row("notify.give_up", v.duration, _NOTIFY.give_up,
        "how long a notice that cannot be delivered is tried again", reload=True, floor=MINUTE),
)  # fmt: skip
