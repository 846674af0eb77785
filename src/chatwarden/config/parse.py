"""TOML in, Config out: unknown or impossible settings refuse, with the line and a hint.

Order of precedence for sessions: the built-in default, the profile, ``[session]``, ``[session.ROLE]``; what staff may do
is bounded whatever was written.
"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, NEVER, UNWRITTEN, DataClass, Treatment
from chatwarden.config.accounts import accounts, levels
from chatwarden.config.alarms import AlarmsConfig
from chatwarden.config.bots import bots
from chatwarden.config.broker import broker
from chatwarden.config.company import companies
from chatwarden.config.desk_tables import desk
from chatwarden.config.languages import LanguagesConfig
from chatwarden.config.locate import syntax_line
from chatwarden.config.model import (
    Config,
    LimitsConfig,
    RetentionConfig,
    ServerConfig,
    StorageConfig,
    TlsConfig,
    WindowConfig,
    is_loopback,
)
from chatwarden.config.notify import notify
from chatwarden.config.provider import clients, oauth, sites
from chatwarden.config.sessions import passwords, session, step_up
from chatwarden.config.syslog import syslog
from chatwarden.config.triage import triage
from chatwarden.config.widget import WidgetConfig
from chatwarden.config.written import Written
from chatwarden.errors import ConfigurationError
from chatwarden.principal import Role

_MAX = 1_048_576


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
        found = bots(self._written)
        return Config(
            server=server,
            tls=tls,
            storage=self._storage(),
            session=session(self._written),
            step_up=step_up(self._written),
            rights={Role(name): names for name, names in self._table("rights").items()},
            passwords=passwords(self._written),
            retention=self._retention(),
            policy=self._policy(),
            window=WindowConfig(**self._table("policy")),
            bots=found,
            accounts=accounts(self._written),
            levels=levels(self._written),
            broker=broker(self._written),
            oauth=oauth(self._written),
            clients=clients(self._written),
            sites=sites(self._written),
            widget=self._widget(server),
            languages=LanguagesConfig(**self._table("languages")),
            company=companies(self._written),
            limits=LimitsConfig(**self._table("limits")),
            notify=notify(self._written),
            backup_recipient=self._values.get(("backup", "recipient"), Config().backup_recipient),
            triage=triage(self._written, found),
            alarms=AlarmsConfig(**self._table("alarms")),
            syslog=syslog(self._written),
            desk=desk(self._written),
            metrics_listen=self._values.get(("metrics", "listen"), Config().metrics_listen),
            log_level=self._values.get(("log", "level"), "info"),
            audit_keep=self._values.get(("audit", "keep"), Config().audit_keep),
            witnesses=self._values.get(("audit", "witnesses"), ()),
            witness_ca_file=self._values.get(("audit", "ca_file")),
            written=self._written.origins,
        )

    # -- what depends on each other

    def _storage(self) -> StorageConfig:
        table = self._table("storage")
        found = StorageConfig(table.pop("url", None), **table)
        for name in table:
            if found.server is None:
                raise self._error(("storage", name), f"storage.{name} is for PostgreSQL", "set storage.url")
        return found

    def _widget(self, server: ServerConfig) -> WidgetConfig:
        found = WidgetConfig(**self._table("widget"))
        plain = [site for site in found.sites if not site.startswith("https://")]
        if plain and not server.lab:  # such a page can be changed on its way, and the address of the frame with it
            raise self._error(
                ("widget", "sites"), f"widget.sites: {plain[0]} is not https",
                "server.lab = true permits http on loopback, for tests",
            )  # fmt: skip
        return found

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
            if data_class in NEVER and word not in UNWRITTEN:
                raise self._error(("policy", "class", name), f"{name} is always removed", "or refused: block")
            policy[data_class] = Treatment(word)
        for name, life in lifetimes.items():
            if life == 0 and policy[DataClass(name)] not in UNWRITTEN:
                policy[DataClass(name)] = Treatment.REMOVE
        return policy


def check_lab(server: ServerConfig) -> None:
    """Refuses the lab switch for an address that others reach: floors are for them."""
    if server.lab and not is_loopback(server.host):
        raise ConfigurationError("server.lab is for loopback only", hint="set server.host to 127.0.0.1")
