"""The one table of settings: name, how it is written, default, floor, whether a reload is enough, meaning.

``*`` stands for a name that the operator chooses or one of a closed set. ``docs/settings.md`` is made from this table.
A floor is a lowest duration for safety; ``server.lab`` permits values below it, down to a second.
"""

from __future__ import annotations

from collections.abc import Callable

from chatwarden.classes import DataClass, Treatment
from chatwarden.clock import MINUTE
from chatwarden.config import keytext
from chatwarden.config import values as v
from chatwarden.config.inquiries import REASONS, THRESHOLDS
from chatwarden.config.model import (
    BotConfig,
    Config,
    LimitsConfig,
    RetentionConfig,
    ServerConfig,
    SessionPolicy,
    TlsConfig,
    WindowConfig,
)
from chatwarden.config.setting import LIMIT, Setting, row
from chatwarden.config.settings_accounts import ACCOUNT_SETTINGS
from chatwarden.config.settings_alarms import ALARM_SETTINGS
from chatwarden.config.settings_audit import AUDIT_SETTINGS
from chatwarden.config.settings_broker import BROKER_SETTINGS
from chatwarden.config.settings_company import COMPANY_SETTINGS
from chatwarden.config.settings_desk import DESK_SETTINGS
from chatwarden.config.settings_languages import LANGUAGES_SETTINGS
from chatwarden.config.settings_notify import NOTIFY_SETTINGS
from chatwarden.config.settings_provider import PROVIDER_SETTINGS
from chatwarden.config.settings_session import SESSION_SETTINGS
from chatwarden.config.settings_triage import TRIAGE_SETTINGS
from chatwarden.config.settings_widget import WIDGET_SETTINGS
from chatwarden.log import LEVELS
from chatwarden.principal import Role

CONNECTORS = ("builtin", "openai", "rasa", "botframework", "webhook")


_SERVER, _TLS, _POLICY, _LIMITS, _RETENTION = (
    ServerConfig(),
    TlsConfig(),
    SessionPolicy(),
    LimitsConfig(),
    RetentionConfig(),
)
_BOT, _WINDOW = BotConfig("", ""), WindowConfig()


def _most(low: int, high: int) -> Callable[[object], int]:
    """A ceiling of ``[limits]``."""
    return v.or_off(v.count(low, high))


SETTINGS: tuple[Setting, ...] = (
    row("server.host", v.text, _SERVER.host, "address to listen on"),
    row("server.port", v.count(0, 65535), _SERVER.port, "port to listen on; 0 takes a free one"),
    row(
        "server.public_url",
        v.public_url,
        _SERVER.public_url,
        "how people reach the gateway, for links and names in the certificate",
    ),
    row("server.name", v.text, _SERVER.name, "what authenticator apps and passkey dialogs call this place"),
    row(
        "server.trusted_proxies",
        v.networks,
        _SERVER.trusted_proxies,
        "addresses and networks of the proxies in front, whose Forwarded field is believed; nobody else may send one",
    ),
    row(
        "server.proxy_protocol",
        v.boolean,
        _SERVER.proxy_protocol,
        "whether those proxies begin every connection with a PROXY header of version 2",
    ),
    row("server.lab", v.boolean, _SERVER.lab, "only on loopback: permits values below every floor, for tests"),
    row("server.drain", v.duration, _SERVER.drain, "how long running requests may finish when the gateway stops"),
    row("tls.certificate_file", v.path, None, "the operator's own certificate chain (PEM); with key_file", reload=True),
    row("tls.key_file", v.path, None, "the private key of that certificate (PEM, no passphrase)", reload=True),
    row("tls.minimum", v.one_of("1.3", "1.2"), _TLS.minimum, "oldest TLS version spoken"),
    row(
        "storage.url",
        v.database,
        "sqlite",
        'where the record is kept: "sqlite" in the home, or "postgresql://USER@HOST[:PORT]/DATABASE" '
        "(a socket is written ?host=/run/postgresql)",
    ),
    row("storage.password_file", v.path, None, "file with the password for PostgreSQL; else PGPASSWORD or ~/.pgpass"),
    row(
        "storage.ca_file",
        v.path,
        None,
        "certificate authority of the PostgreSQL server (PEM); another machine is always asked for verified TLS",
    ),
    *SESSION_SETTINGS,
    row(
        "retention.default",
        v.duration,
        _RETENTION.default,
        "lifetime of a message in which nothing is found",
        reload=True,
    ),
    row(
        "retention.tombstones",
        v.duration,
        _RETENTION.tombstones,
        "how long a destroyed message leaves a mark",
        reload=True,
        floor=MINUTE,
    ),
    row(
        "retention.class.*",
        v.lifetime,
        None,
        "lifetime of a message in which this class is found; the strictest wins",
        reload=True,
    ),
    row(
        "policy.class.*",
        v.one_of(*(t.value for t in Treatment)),
        None,
        "what is done with this class: allow, placeholder, mask, remove, hold or block",
        reload=True,
    ),
    row(
        "policy.turns",
        v.count(0, 16),
        _WINDOW.turns,
        "earlier messages of a person that are looked at together with a new one, for what is split over them; 0 is off",
        reload=True,
    ),
    row("policy.within", v.duration, _WINDOW.within, "how old those may be", reload=True),
    row("ephemeral.bucket", v.duration, _RETENTION.bucket, "destruction happens at multiples of this"),
    row(
        "bots.*.connector",
        v.one_of(*CONNECTORS),
        None,
        "how the bot is reached: builtin, openai, rasa, botframework or webhook",
    ),
    row("bots.*.enabled", v.boolean, _BOT.enabled, "whether the bot exists"),
    row("bots.*.title", v.text, _BOT.title, "how pages name the bot"),
    row("bots.*.who", v.roles, tuple(r.value for r in _BOT.who), "roles that may talk to it", reload=True),
    row("bots.*.knowledge", v.path, None, "folder of Markdown files for a builtin bot; sample knowledge if not set"),
    row(
        "bots.*.url",
        v.upstream_url,
        _BOT.url,
        "where the bot is: openai up to and with /v1, rasa and botframework the server, webhook the whole address",
    ),
    row("bots.*.model", v.text, _BOT.model, "model name that is sent to an openai bot"),
    row("bots.*.credential_file", v.path, None, "file with the key that is sent to it as a bearer token"),
    row(
        "bots.*.secret_file",
        v.path,
        None,
        "file with the secret (whsec_...) that signs what is said with a webhook bot; a line each while one is replaced",
    ),
    row("bots.*.plaintext", v.boolean, _BOT.plaintext, "permits http to something that is not loopback"),
    row("bots.*.ca_file", v.path, None, "the only certificate authority that the bot may have, if not a public one"),
    row("bots.*.client_certificate_file", v.path, None, "certificate that is shown to the bot; with client_key_file"),
    row("bots.*.client_key_file", v.path, None, "the private key of that certificate (PEM, no passphrase)"),
    row("bots.*.egress_proxy", v.proxy_url, _BOT.egress_proxy, "HTTP proxy through which the bot is reached"),
    row("bots.*.system", v.text, _BOT.system, "system prompt that the gateway puts first, for an openai bot"),
    row("bots.*.client_system", v.boolean, _BOT.client_system, "whether clients may send system messages"),
    row(
        "bots.*.history",
        v.count(0, 64),
        _BOT.history,
        "earlier lines that an openai or webhook bot is given; the others keep their own",
    ),
    row(
        "bots.*.mode",
        v.one_of("protect", "observe"),
        _BOT.mode,
        "protect acts on findings; observe changes nothing and records what protect would have done",
        reload=True,
    ),
    row(
        "bots.*.allow",
        v.allowed,
        _BOT.allow,
        "the company's own values, never masked: { value, reason } each",
        reload=True,
    ),
    row(
        "bots.*.policy.*",
        v.one_of(*(t.value for t in Treatment)),
        None,
        "what is done with this class for this bot; goes before policy.class",
        reload=True,
    ),
    row(
        "bots.*.keep.*",
        v.duration,
        None,
        "how long the law wants messages kept at least: of a class, or all (default)",
        reload=True,
    ),
    row("bots.*.machine_line", v.text, _BOT.machine_line, "what tells people that they talk to a machine", reload=True),
    row(
        "bots.*.privacy_notice",
        v.text,
        _BOT.privacy_notice,
        "what people are told about their data; made from the lifetimes if empty",
        reload=True,
    ),
    row("bots.*.connect_timeout", v.duration, _BOT.connect_timeout, "longest wait for a connection"),
    row(
        "bots.*.first_byte_timeout", v.duration, _BOT.first_byte_timeout, "longest wait for the first byte of an answer"
    ),
    row("bots.*.total_timeout", v.duration, _BOT.total_timeout, "longest wait for a whole answer"),
    row("bots.*.calm_line", v.text, _BOT.calm_line, "what people read when the bot fails"),
    row("bots.*.token.url", v.upstream_url, "", "token endpoint that gives the bearer token which is shown to the bot"),
    row("bots.*.token.client", v.word, "", "the gateway's client id at that endpoint"),
    row("bots.*.token.scope", v.text, "", "scope that is asked for, if any"),
    row("bots.*.token.secret_file", v.path, None, "file with the secret of that client"),
    row("bots.*.token.ca_file", v.path, None, "the only authority that endpoint may have, if not a public one"),
    *TRIAGE_SETTINGS,
    *COMPANY_SETTINGS,
    *ACCOUNT_SETTINGS,
    *BROKER_SETTINGS,
    *PROVIDER_SETTINGS,
    *WIDGET_SETTINGS,
    *LANGUAGES_SETTINGS,
    row("limits.messages", v.rate, _LIMITS.messages, "messages per person", reload=True),
    row("limits.logins", v.rate, _LIMITS.logins, "login attempts per source", reload=True),
    row("limits.login_failures", v.rate, _LIMITS.login_failures, "failed logins per account and source", reload=True),
    row("limits.visitors", v.rate, _LIMITS.visitors, "new visitors per source", reload=True),
    row(
        "limits.new_connections_per_peer",
        v.rate,
        _LIMITS.new_connections_per_peer,
        "new connections per IPv4 address or IPv6 /64",
    ),
    row("limits.new_connections", v.rate, _LIMITS.new_connections, "new connections in total"),
    row(
        "limits.connections_per_peer",
        _most(1, 1_000_000),
        _LIMITS.connections_per_peer,
        "connections per IPv4 address or IPv6 /64",
    ),
    row("limits.connections", _most(1, 1_000_000), _LIMITS.connections, "connections in total"),
    row("limits.header_bytes", _most(1_024, 65_536), _LIMITS.header_bytes, "size of a request's head"),
    row("limits.headers", _most(8, 256), _LIMITS.headers, "fields in a request's head"),
    row("limits.url_bytes", _most(256, 65_536), _LIMITS.url_bytes, "length of a request's target"),
    row("limits.body_bytes", _most(1_024, 16_777_216), _LIMITS.body_bytes, "size of a request's body"),
    row(
        "limits.message_characters",
        _most(64, 65_536),
        _LIMITS.message_characters,
        "length of one message",
        reload=True,
    ),
    row("limits.first_byte", LIMIT, _LIMITS.first_byte, "a connection that says nothing is closed after this"),
    row("limits.header_deadline", LIMIT, _LIMITS.header_deadline, "a head must be complete after this"),
    row("limits.body_grace", LIMIT, _LIMITS.body_grace, "a body may be slow for this long"),
    row(
        "limits.body_rate",
        v.or_off(v.count(1, 1_000_000), 0),
        _LIMITS.body_rate,
        "bytes a second that a body must bring after the grace",
    ),
    row("limits.body_deadline", LIMIT, _LIMITS.body_deadline, "a body must be complete after this"),
    row("limits.write_stall", LIMIT, _LIMITS.write_stall, "a client that does not read is cut after this"),
    row("limits.keep_alive", LIMIT, _LIMITS.keep_alive, "an idle connection is closed after this"),
    row(
        "limits.requests_per_connection",
        _most(1, 10_000_000),
        _LIMITS.requests_per_connection,
        "requests on one connection",
    ),
    row(
        "limits.refusals",
        v.rate,
        _LIMITS.refusals,
        "refusals at the broker that are put on record one by one, per bot "
        "and person; those beyond are counted, and summed up in one entry a minute",
        reload=True,
    ),
    row(
        "limits.broker_calls",
        _most(1, 10_000),
        _LIMITS.broker_calls,
        "calls of one bot to one application at the same time; one more is refused (429)",
        reload=True,
    ),
    row("limits.argon2", _most(1, 64), _LIMITS.argon2, "passwords that are checked at once"),
    *NOTIFY_SETTINGS,
    *DESK_SETTINGS,
    row(
        "backup.recipient",
        keytext.recipient,
        Config().backup_recipient,
        "to whom `chatwarden backup` seals the home's keys and those of ordinary messages: what --new-identity printed",
        reload=True,
    ),
    row("metrics.listen", v.listen, Config().metrics_listen, "where Prometheus finds the numbers, or off"),
    *AUDIT_SETTINGS,
    *ALARM_SETTINGS,
    row("log.level", v.one_of(*LEVELS), "info", "what is logged on standard error"),
)

WILDCARDS: dict[str, tuple[str, ...]] = {
    "session.*": tuple(role.value for role in Role if role is not Role.BOT),
    "rights.*": tuple(role.value for role in Role if role is not Role.BOT),
    "retention.class.*": tuple(c.value for c in DataClass),
    "policy.class.*": tuple(c.value for c in DataClass),
    "bots.*.policy.*": tuple(c.value for c in DataClass),
    "triage.threshold.*": tuple(THRESHOLDS),
    "triage.reason.*": tuple(REASONS),
    "bots.*.keep.*": ("default", *(c.value for c in DataClass)),
}
EXACT: dict[str, Setting] = {setting.name: setting for setting in SETTINGS}
