"""What a configuration is once it has been parsed: frozen nouns, durations in microseconds, nothing optional that is
not optional to the operator. ``settings.py`` holds the table of names, defaults and meanings; ``parse.py`` reads TOML.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, DataClass, Treatment
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND, Duration
from chatwarden.config.alarms import AlarmsConfig, SyslogConfig
from chatwarden.config.desk import DeskConfig
from chatwarden.config.inquiries import TriageConfig
from chatwarden.config.languages import LanguagesConfig
from chatwarden.config.origin import Origin
from chatwarden.config.span import Span
from chatwarden.config.widget import WidgetConfig
from chatwarden.principal import Role

Network = IPv4Network | IPv6Network

# Operations that this program knows itself; others are the operator's and the applications'.
OPERATIONS = ("credentials", "transfer", "reveal", "erase-other", "export", "people", "bots", "applications")

# A grant says how fresh is fresh enough for an application: whoever asks for the question before is asked, always.
ALWAYS = frozenset({"applications"})

# What a client may be allowed to ask tokens with.
GRANTS = ("client_credentials", "token-exchange")

# A limit that is off, as a number: more than anything here is ever counted to, in bytes as in microseconds.
OFF = 2**62


def is_loopback(host: str) -> bool:
    """Whether a name or address never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Rate:
    """A GCRA limit: one per *interval* on average, *burst* at once. ``None`` in its place means off."""

    interval: Duration
    burst: int


@dataclass(frozen=True, slots=True)
class TlsConfig:
    """``[tls]``: the operator's own certificate, and whether TLS 1.2 is spoken too."""

    certificate_file: Path | None = None
    key_file: Path | None = None
    minimum: Literal["1.3", "1.2"] = "1.3"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """``[server]``"""

    host: str = "127.0.0.1"
    port: int = 8443
    public_url: str = ""
    name: str = "Chatwarden"
    trusted_proxies: tuple[Network, ...] = ()
    proxy_protocol: bool = False
    lab: bool = False
    drain: Duration = 10 * SECOND


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A PostgreSQL database: ``host`` is a name, an address or the folder of a socket."""

    host: str
    port: int
    user: str
    database: str

    @property
    def local(self) -> bool:
        """Whether what is said to it stays on this machine."""
        return self.host.startswith("/") or is_loopback(self.host)


@dataclass(frozen=True, slots=True)
class StorageConfig:
    """``[storage]``: no server means SQLite in the home."""

    server: DatabaseServer | None = None
    password_file: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class SessionPolicy:
    """``[session]`` for one role: how long a session lives and how its person is asked. A ``recheck`` of 0 is off; no
    ``hours`` are all hours.
    """

    idle: Duration = 15 * MINUTE
    answer_within: Duration = 60 * SECOND
    absolute: Duration = 12 * HOUR
    attempts: int = 5
    confirmation: str = "tap"
    recheck: Duration = 0
    recheck_on_change: bool = False
    second_factor: Literal["optional", "required"] = "optional"
    hours: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SessionConfig:
    """``[session]`` and ``[session.ROLE]``, resolved for every role (a profile, then the general table, then the
    role's own).
    """

    profile: str = "general"
    visitors: bool = True
    time_zone: str = "UTC"
    roles: dict[Role, SessionPolicy] = field(default_factory=lambda: dict.fromkeys(Role, SessionPolicy()))


@dataclass(frozen=True, slots=True)
class StepUp:
    """``[step_up.OPERATION]``: how fresh a factor must be, or that each operation wants one of its own."""

    fresh: Duration = 5 * MINUTE
    once: bool = False
    within: Duration = 120 * SECOND
    attempts: int = 3


@dataclass(frozen=True, slots=True)
class PasswordConfig:
    """``[passwords]``: what a password must be. ``alone`` is the least length where it is the only factor."""

    alone: int = 15
    beside: int = 10
    staff: int = 12
    staff_digits: bool = False
    refused_file: Path | None = None


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    """``[retention]`` and ``[ephemeral]``: how long messages live. A class lifetime of 0 means never written."""

    default: Duration = 30 * DAY
    classes: dict[DataClass, Duration] = field(default_factory=lambda: dict(DEFAULT_LIFETIME))
    bucket: Duration = 60 * SECOND
    tombstones: Duration = 30 * DAY


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """``[policy]``: how many earlier messages of a person are looked at together with a new one, and how old they may be."""

    turns: int = 6
    within: Duration = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Allowed:
    """A value of the company's own that is never treated as personal data, and why."""

    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class TokenConfig:
    """``[bots.NAME.token]``: where the gateway gets the token that it shows to a bot."""

    url: str = ""
    client: str = ""
    scope: str = ""
    secret_file: Path | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class BotConfig:
    """``[bots.NAME]``. ``keep``: how long the law wants messages kept at least, by class; under None, every message."""

    name: str
    connector: str
    enabled: bool = True
    title: str = ""
    who: tuple[Role, ...] = (Role.VISITOR, Role.CUSTOMER)
    knowledge: Path | None = None
    url: str = ""
    model: str = ""
    credential_file: Path | None = None
    token: TokenConfig | None = None
    secret_file: Path | None = None
    plaintext: bool = False
    ca_file: Path | None = None
    client_certificate_file: Path | None = None
    client_key_file: Path | None = None
    egress_proxy: str = ""
    system: str = ""
    client_system: bool = False
    history: int = 20
    connect_timeout: Duration = 3 * SECOND
    first_byte_timeout: Duration = 20 * SECOND
    total_timeout: Duration = 120 * SECOND
    calm_line: str = ""
    mode: Literal["protect", "observe"] = "protect"
    allow: tuple[Allowed, ...] = ()
    policy: dict[DataClass, Treatment] = field(default_factory=dict)
    keep: dict[DataClass | None, Duration] = field(default_factory=dict)
    machine_line: str = "You are talking to a machine."
    privacy_notice: str = ""


@dataclass(frozen=True, slots=True)
class AccountsConfig:
    """``[bots]`` itself: what holds for the accounts of all bots. An ``unused_after`` of 0 is off."""

    unused_after: Duration = 30 * DAY
    warn_before: Duration = 14 * DAY


@dataclass(frozen=True, slots=True)
class BrokerConfig:
    """``[broker]``: a broker that runs as a service of its own user. Without one the gateway starts its own."""

    socket: Path | None = None
    user: str = ""


@dataclass(frozen=True, slots=True)
class OAuthConfig:
    """``[oauth]``: how tokens for other services are signed, and how long with one key."""

    algorithm: str = "EdDSA"
    rotate: Duration = 30 * DAY


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """``[clients.NAME]``: a program that asks for tokens or about them. One of the three files is set."""

    name: str
    secret_file: Path | None = None
    key_file: Path | None = None
    jwks_file: Path | None = None
    grants: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """``[sites.NAME]``: a website that says who its visitors are. One of the two files is set."""

    name: str
    issuer: str = ""
    key_file: Path | None = None
    jwks_file: Path | None = None
    role: Role = Role.CUSTOMER


@dataclass(frozen=True, slots=True)
class CompanyConfig:
    """``[company.NAME]``: a login that the company runs itself. ``roles`` are looked through in the order written; without
    a ``default_role`` whom none of them fits is refused. A ``max_age`` of 0 is off.
    """

    name: str
    issuer: str = ""
    client: str = ""
    secret_file: Path | None = None
    key_file: Path | None = None
    ca_file: Path | None = None
    title: str = ""
    scopes: tuple[str, ...] = ("openid", "profile")
    acr_values: tuple[str, ...] = ()
    strong: tuple[str, ...] = ("mfa",)
    max_age: Duration = 0
    name_claim: str = "preferred_username"
    role_claim: str = ""
    default_role: Role | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    rights: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LimitsConfig:
    """``[limits]``: rates per key and the front's ceilings. A rate of None is off, a number of ``OFF`` too, and a
    ``body_rate`` of 0, which is the only one that is a least.
    """

    messages: Rate | None = Rate(SECOND, 8)
    logins: Rate | None = Rate(12 * SECOND, 10)
    login_failures: Rate | None = Rate(3 * MINUTE, 5)
    visitors: Rate | None = Rate(2 * SECOND, 20)
    tokens: Rate | None = Rate(SECOND // 100, 500)
    token_failures: Rate | None = Rate(3 * SECOND, 20)
    refusals: Rate | None = Rate(3 * SECOND, 20)
    broker_calls: int = 32
    new_connections_per_peer: Rate | None = Rate(SECOND // 50, 500)
    new_connections: Rate | None = Rate(SECOND // 200, 2_000)
    connections_per_peer: int = 64
    connections: int = 10_000
    header_bytes: int = 16_384
    headers: int = 64
    url_bytes: int = 4_096
    body_bytes: int = 262_144
    message_characters: int = 16_384
    first_byte: Duration = 5 * SECOND
    header_deadline: Duration = 10 * SECOND
    body_grace: Duration = 5 * SECOND
    body_rate: int = 500
    body_deadline: Duration = 60 * SECOND
    write_stall: Duration = 15 * SECOND
    keep_alive: Duration = 15 * SECOND
    requests_per_connection: int = 100_000
    argon2: int = 2


@dataclass(frozen=True, slots=True)
class NotifyConfig:
    """``[notify]``: who is told of alarms and of changed credentials, and how. Without a mail server and a webhook nobody
    is. ``sender`` is written ``from``.
    """

    smtp: str = ""
    smtp_tls: Literal["starttls", "tls", "off"] = "starttls"
    smtp_user: str = ""
    smtp_password_file: Path | None = None
    sender: str = ""
    to: str = ""
    webhook: str = ""
    webhook_secret_file: Path | None = None
    ca_file: Path | None = None
    give_up: Duration = 3 * DAY


@dataclass(frozen=True, slots=True)
class WitnessConfig:
    """One of ``audit.witnesses``."""

    url: str
    vkey: str


@dataclass(frozen=True, slots=True)
class Config:
    """The whole file."""

    server: ServerConfig = ServerConfig()
    tls: TlsConfig = TlsConfig()
    storage: StorageConfig = field(default_factory=StorageConfig)
    session: SessionConfig = field(default_factory=SessionConfig)
    step_up: dict[str, StepUp] = field(default_factory=lambda: {one: StepUp(once=one in ALWAYS) for one in OPERATIONS})
    rights: dict[Role, tuple[str, ...]] = field(default_factory=dict)
    passwords: PasswordConfig = field(default_factory=PasswordConfig)
    retention: RetentionConfig = field(default_factory=RetentionConfig)
    policy: dict[DataClass, Treatment] = field(default_factory=lambda: dict(DEFAULT_TREATMENT))
    window: WindowConfig = WindowConfig()
    bots: dict[str, BotConfig] = field(default_factory=dict)
    accounts: AccountsConfig = AccountsConfig()
    levels: dict[str, tuple[str, ...]] = field(default_factory=dict)
    broker: BrokerConfig = BrokerConfig()
    oauth: OAuthConfig = OAuthConfig()
    clients: dict[str, ClientConfig] = field(default_factory=dict)
    sites: dict[str, SiteConfig] = field(default_factory=dict)
    company: dict[str, CompanyConfig] = field(default_factory=dict)
    widget: WidgetConfig = field(default_factory=WidgetConfig)
    languages: LanguagesConfig = field(default_factory=LanguagesConfig)
    limits: LimitsConfig = LimitsConfig()
    notify: NotifyConfig = NotifyConfig()
    desk: DeskConfig = field(default_factory=DeskConfig)
    triage: TriageConfig = field(default_factory=TriageConfig)
    backup_recipient: str = ""
    alarms: AlarmsConfig = field(default_factory=AlarmsConfig)
    syslog: SyslogConfig = field(default_factory=SyslogConfig)
    metrics_listen: str = "127.0.0.1:9464"
    log_level: str = "info"
    audit_keep: Duration = 400 * DAY
    witnesses: tuple[WitnessConfig, ...] = ()
    witness_ca_file: Path | None = None
    source: Path | None = None
    written: dict[tuple[str, ...], Origin] = field(default_factory=dict, compare=False)
