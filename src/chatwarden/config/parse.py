"""TOML in, Config out: unknown or impossible settings refuse, with the line and a hint.

Order of precedence for sessions: the built-in default, the profile, ``[session]``, ``[session.ROLE]``; what staff may do
is bounded whatever was written.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from chatwarden.classes import DEFAULT_LIFETIME, DEFAULT_TREATMENT, NEVER, SECRETS, DataClass, Treatment
from chatwarden.clock import HOUR, MINUTE, SECOND, Duration
from chatwarden.config.locate import locate, syntax_line
from chatwarden.config.model import (
    BotConfig,
    Config,
    LimitsConfig,
    RetentionConfig,
    ServerConfig,
    SessionConfig,
    SessionPolicy,
    StorageConfig,
    TlsConfig,
    TokenConfig,
    is_loopback,
)
from chatwarden.config.settings import EXACT, WILDCARDS, Setting
from chatwarden.errors import ConfigurationError
from chatwarden.principal import STAFF, Role

_BOT_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_MAX = 1_048_576
_LATER = ("notify", "backup")  # tables of the public contract that nothing uses yet
_SECRETS = frozenset({"api_key", "apikey", "credential", "key", "password", "secret", "token"})
_NEEDED = {
    "builtin": (), "openai": ("url", "model"), "rasa": ("url",), "botframework": ("url",),
    "webhook": ("url", "secret_file"),
}  # fmt: skip
_STATEFUL = ("knowledge", "model", "system", "client_system", "history", "secret_file")
_MEANINGLESS = {
    "builtin": ("secret_file", "token"), "openai": ("secret_file",), "rasa": _STATEFUL, "botframework": _STATEFUL,
    "webhook": ("knowledge", "model", "system", "client_system", "credential_file", "token"),
}  # fmt: skip
_BANK = SessionPolicy(idle=5 * MINUTE, absolute=60 * MINUTE)
_PROFILES = {"general": SessionPolicy(), "bank": _BANK}
# PCI DSS 8.2.8: staff are asked again after at most 15 minutes; who administers, after 10.
_STAFF_IDLE = {Role.AGENT: 15 * MINUTE, Role.TRAINER: 15 * MINUTE, Role.ADMIN: 10 * MINUTE, Role.AUDITOR: 10 * MINUTE}
_STAFF_ABSOLUTE = 12 * HOUR
_PLACES = ((0,), (1,), (2,), (3,), (1, 3))  # where a name that the operator chooses may stand in a setting
Values = dict[tuple[str, ...], Any]


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
    return _Assembler(toml, document).config()


class _Assembler:
    def __init__(self, toml: str, document: dict[str, Any]) -> None:
        self._toml = toml
        self._values: Values = {}
        self._tables: list[tuple[str, ...]] = []
        for path, value in _leaves(document):
            if value == {}:
                self._empty(path)
                continue
            setting = self._setting(path)
            try:
                self._values[path] = setting.parse(value)
            except ValueError as error:
                raise self._error(path, f"{'.'.join(path)}: {error}") from None
        self._floors()

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
            bots=self._bots(),
            limits=LimitsConfig(**self._table("limits")),
            metrics_listen=self._values.get(("metrics", "listen"), Config().metrics_listen),
            log_level=self._values.get(("log", "level"), "info"),
            audit_keep=self._values.get(("audit", "keep"), Config().audit_keep),
        )

    # -- one setting

    def _setting(self, path: tuple[str, ...]) -> Setting:
        dotted = ".".join(path)
        if dotted in EXACT and "*" not in dotted:
            return EXACT[dotted]
        for places in _PLACES:
            parts = ["*" if at in places else name for at, name in enumerate(path)]
            if ".".join(parts) not in EXACT or places[-1] >= len(path):
                continue
            at = places[-1]
            allowed = WILDCARDS.get(".".join(parts[: at + 1]))
            if allowed is not None and path[at] not in allowed:
                raise self._error(path, f"there is no {path[at]} in {'.'.join(path[:at])}", _nearest(path[at], allowed))
            if path[0] == "bots" and not _BOT_NAME.fullmatch(path[1]):
                raise self._error(path, "a bot's name has 1 to 32 small letters, digits or dashes")
            return EXACT[".".join(parts)]
        if path[0] in _LATER:
            raise self._error(path, f"[{path[0]}] is not in this version", "take it out of the file")
        if path[-1] in _SECRETS:
            raise self._error(
                path, f"{dotted[:100]}: a secret never stands in this file", "write it to a file and name that file"
            )
        known = [name.replace("*", path[1] if len(path) > 2 else "*") for name in EXACT]
        raise self._error(path, f"there is no setting {dotted[:100]}", _nearest(dotted, known))

    def _empty(self, path: tuple[str, ...]) -> None:
        """A table without settings: fine where settings could stand."""
        if path[0] in _LATER:
            raise self._error(path, f"[{path[0]}] is not in this version", "take it out of the file")
        shapes = {tuple(name.split(".")[: len(path)]) for name in EXACT if name.count(".") >= len(path)}
        if not any(all(a in {"*", b} for a, b in zip(shape, path, strict=True)) for shape in shapes):
            raise self._error(
                path, f"there is no table [{'.'.join(path)[:100]}]", "docs/settings.md lists every setting"
            )
        self._tables.append(path)

    def _floors(self) -> None:
        lab = self._values.get(("server", "lab"), False)
        for path, value in self._values.items():
            setting = self._setting(path)
            if setting.floor and value < setting.floor and not lab:
                raise self._error(
                    path, f"{'.'.join(path)} is below its floor of {setting.floor // SECOND}s",
                    "server.lab = true permits it for tests, on loopback only",
                )  # fmt: skip

    def _table(self, *prefix: str) -> dict[str, Any]:
        return {
            path[-1]: value
            for path, value in self._values.items()
            if path[:-1] == prefix and ".".join(path) not in {"session.profile", "session.visitors"}
        }

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

    def _bots(self) -> dict[str, BotConfig]:
        written = [*self._values, *self._tables]
        names = dict.fromkeys(path[1] for path in written if path[0] == "bots" and len(path) > 1)
        bots = {}
        for name in dict.fromkeys(("helpdesk", *names)):
            table = self._table("bots", name)
            if name == "helpdesk":
                table.setdefault("connector", "builtin")
            if "connector" not in table:
                raise self._error(("bots", name), f"bots.{name} needs a connector", 'for example connector = "openai"')
            bot = BotConfig(name, keep=self._keep(name), token=self._token(name), **table)
            self._connector(bot, table)
            if bot.connector != "builtin":
                self._way(bot)
                self._provider(bot)
                self._client_certificate(bot)
            if bot.enabled:
                bots[name] = bot
        return bots

    def _connector(self, bot: BotConfig, written: dict[str, Any]) -> None:
        for field in _NEEDED[bot.connector]:
            if not getattr(bot, field):
                raise self._error(("bots", bot.name), f"bots.{bot.name} needs {field}")
        for field in _MEANINGLESS[bot.connector]:
            if field in written or (field == "token" and bot.token is not None):
                raise self._error(
                    ("bots", bot.name, field), f"bots.{bot.name}.{field} means nothing to connector {bot.connector}",
                    "take it out of the file",
                )  # fmt: skip

    def _token(self, name: str) -> TokenConfig | None:
        table = self._table("bots", name, "token")
        if not table and ("bots", name, "token") not in self._tables:
            return None
        token = TokenConfig(**table)
        for field in ("url", "client", "secret_file"):
            if not getattr(token, field):
                raise self._error(("bots", name, "token"), f"bots.{name}.token needs {field}")
        return token

    def _provider(self, bot: BotConfig) -> None:
        if bot.token is None:
            return
        if bot.credential_file is not None:
            raise self._error(
                ("bots", bot.name, "credential_file"), f"bots.{bot.name} has both credential_file and token",
                "the token is what the bot is shown: keep one of them",
            )  # fmt: skip
        if _is_bare(bot.token.url, bot):
            raise self._error(
                ("bots", bot.name, "token", "url"), f"bots.{bot.name}.token.url is plain http to another machine",
                "use https: the client's secret goes there",
            )  # fmt: skip

    def _way(self, bot: BotConfig) -> None:
        if _is_bare(bot.url, bot) and not bot.plaintext:
            raise self._error(
                ("bots", bot.name, "url"), f"bots.{bot.name}.url is plain http to another machine",
                "use https, or say plaintext = true if that network is yours",
            )  # fmt: skip

    def _client_certificate(self, bot: BotConfig) -> None:
        if (bot.client_certificate_file is None) != (bot.client_key_file is None):
            raise self._error(
                ("bots", bot.name),
                f"bots.{bot.name} needs both client_certificate_file and client_key_file, or neither",
            )
        if bot.client_certificate_file is not None and not bot.url.startswith("https://"):
            raise self._error(
                ("bots", bot.name, "client_certificate_file"), f"bots.{bot.name}: a client certificate needs https",
                "write the url with https",
            )  # fmt: skip

    def _keep(self, name: str) -> dict[DataClass | None, Duration]:
        """How long the law wants messages of a bot kept. What is never written cannot be kept either."""
        found: dict[DataClass | None, Duration] = {}
        for word, life in self._table("bots", name, "keep").items():
            data_class = None if word == "default" else DataClass(word)
            if data_class in SECRETS or self._values.get(("retention", "class", word)) == 0:
                raise self._error(
                    ("bots", name, "keep", word), f"{word} is never written, so it cannot be kept",
                    f"a message with a {word} is kept by bots.{name}.keep.default, without the {word}",
                )  # fmt: skip
            found[data_class] = life
        return found

    def _error(self, path: tuple[str, ...], message: str, hint: str = "") -> ConfigurationError:
        return ConfigurationError(message, line=locate(self._toml, path), hint=hint)


def check_lab(server: ServerConfig) -> None:
    """Refuses the lab switch for an address that others reach: floors are for them."""
    if server.lab and not is_loopback(server.host):
        raise ConfigurationError("server.lab is for loopback only", hint="set server.host to 127.0.0.1")


def _is_bare(url: str, bot: BotConfig) -> bool:
    # Behind an egress proxy even loopback is another machine's.
    near = is_loopback(urlsplit(url).hostname or "") and not bot.egress_proxy
    return url.startswith("http://") and not near


def _leaves(table: dict[str, Any], prefix: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, value in table.items():
        path = (*prefix, name)
        if isinstance(value, dict) and value and len(path) < 8:
            yield from _leaves(value, path)
        else:
            yield path, value


def _nearest(word: str, known: list[str] | tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, 1)
    return f"did you mean {close[0]}?" if close else "docs/settings.md lists every setting"
