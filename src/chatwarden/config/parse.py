"""TOML in, Config out: unknown or impossible settings refuse, with the line and a hint.

Order of precedence for sessions: the built-in default, the profile, ``[session]``, ``[session.ROLE]``; what staff may do
is bounded whatever was written.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, NEVER, DataClass, Treatment
from chatwarden.clock import HOUR, MINUTE
from chatwarden.config.bots import bots
from chatwarden.config.locate import syntax_line
from chatwarden.config.model import (
    Config,
    LimitsConfig,
    RetentionConfig,
    ServerConfig,
    SessionConfig,
    SessionPolicy,
    StorageConfig,
    TlsConfig,
    is_loopback,
)
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError
from chatwarden.principal import STAFF, Role

_MAX = 1_048_576
_BANK = SessionPolicy(idle=5 * MINUTE, absolute=60 * MINUTE)
_PROFILES = {"general": SessionPolicy(), "bank": _BANK}
# PCI DSS 8.2.8: staff are asked again after at most 15 minutes; who administers, after 10.
_STAFF_IDLE = {Role.AGENT: 15 * MINUTE, Role.TRAINER: 15 * MINUTE, Role.ADMIN: 10 * MINUTE, Role.AUDITOR: 10 * MINUTE}
_STAFF_ABSOLUTE = 12 * HOUR


def read(path: Path) -> Config:
    """The configuration in the file *path*. Raises ConfigurationError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}", hint="name the file with --config") from error
    if len(data) > _MAX:
        raise ConfigurationError(f"{path} is too large")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path} is not UTF-8") from None
    return replace(parse(text), source=path)


def parse(toml: str) -> Config:
    """The configuration written in *toml*. Raises ConfigurationError."""
    try:
        document = tomllib.loads(toml)
    except tomllib.TOMLDecodeError as error:
        message, line = syntax_line(toml, error)
        raise ConfigurationError(f"not valid TOML: {message[:200]}", line=line) from None
    return _Assembler(Written(toml, document)).config()


class _Assembler:
    def __init__(self, written: Written) -> None:
        self._written = written
        self._values = written.values
        self._table = written.table
        self._error = written.error

    def config(self) -> Config:
        """Everything, joined and checked against each other."""
        server = ServerConfig(**self._table("server"))
        try:
            check_lab(server)
        except ConfigurationError as error:
            raise self._error(("server", "lab"), str(error), error.hint) from None
        if server.proxy_protocol and not server.trusted_proxies:
            raise self._error(
                ("server", "proxy_protocol"), "server.proxy_protocol needs server.trusted_proxies",
                "name the proxies that may send a PROXY header",
            )  # fmt: skip
        tls = TlsConfig(**self._table("tls"))
        if (tls.certificate_file is None) != (tls.key_file is None):
            raise self._error(("tls",), "tls needs both certificate_file and key_file, or neither")
        return Config(
            server=server,
            tls=tls,
            storage=self._storage(),
            session=self._session(),
            retention=self._retention(),
            policy=self._policy(),
            bots=bots(self._written),
            limits=LimitsConfig(**self._table("limits")),
            metrics_listen=self._values.get(("metrics", "listen"), Config().metrics_listen),
            log_level=self._values.get(("log", "level"), "info"),
            audit_keep=self._values.get(("audit", "keep"), Config().audit_keep),
        )

    # -- what depends on each other

    def _storage(self) -> StorageConfig:
        table = self._table("storage")
        found = StorageConfig(table.pop("url", None), **table)
        for name in table:
            if found.server is None:
                raise self._error(("storage", name), f"storage.{name} is for PostgreSQL", "set storage.url")
        return found

    def _session(self) -> SessionConfig:
        profile = self._values.get(("session", "profile"), "general")
        general = replace(_PROFILES[profile], **self._table("session"))
        policies = {}
        for role in Role:
            policy = general
            if role in STAFF:
                policy = replace(
                    policy,
                    idle=min(policy.idle, _STAFF_IDLE[role]),
                    absolute=min(policy.absolute, _STAFF_ABSOLUTE),
                )
            own = self._table("session", role.value)
            policy = replace(policy, **own)
            at = ("session", role.value) if own else ("session",)
            if role in STAFF and policy.idle > _STAFF_IDLE[role]:
                raise self._error(
                    (*at, "idle"), f"staff are idle for at most {_STAFF_IDLE[role] // MINUTE}m: {role.value}"
                )
            if role in STAFF and policy.absolute > _STAFF_ABSOLUTE:
                raise self._error(
                    (*at, "absolute"), f"staff sessions last at most {_STAFF_ABSOLUTE // HOUR}h: {role.value}"
                )
            if policy.answer_within >= policy.idle:
                raise self._error((*at, "answer_within"), "session.answer_within must be shorter than session.idle")
            policies[role] = policy
        return SessionConfig(profile, self._values.get(("session", "visitors"), True), policies)

    def _retention(self) -> RetentionConfig:
        classes = dict(DEFAULT_LIFETIME)
        own = {DataClass(name): life for name, life in self._table("retention", "class").items()}
        for data_class, life in own.items():
            if data_class in NEVER and life:
                raise self._error(
                    ("retention", "class", data_class.value), f"{data_class.value} is never written", 'leave it "never"'
                )
        classes.update(own)
        found = RetentionConfig(
            classes=classes,
            bucket=self._values.get(("ephemeral", "bucket"), RetentionConfig().bucket),
            **self._table("retention"),
        )
        for path, life in (
            (("retention", "default"), found.default),
            *((("retention", "class", c.value), life) for c, life in classes.items()),
        ):
            if 0 < life < found.bucket:
                raise self._error(path, f"{'.'.join(path)} is shorter than ephemeral.bucket")
        return found

    def _policy(self) -> dict[DataClass, Treatment]:
        policy = dict(DEFAULT_TREATMENT)
        lifetimes = self._table("retention", "class")
        for name, word in self._table("policy", "class").items():
            data_class = DataClass(name)
            if data_class in NEVER and word != Treatment.REMOVE:
                raise self._error(("policy", "class", name), f"{name} is always removed")
            policy[data_class] = Treatment(word)
        for name, life in lifetimes.items():
            if life == 0:
                policy[DataClass(name)] = Treatment.REMOVE
        return policy


def check_lab(server: ServerConfig) -> None:
    """Refuses the lab switch for an address that others reach: floors are for them."""
    if server.lab and not is_loopback(server.host):
        raise ConfigurationError("server.lab is for loopback only", hint="set server.host to 127.0.0.1")
