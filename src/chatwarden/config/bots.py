"""``[bots.NAME]``: what each connector needs, what means nothing to it, and what would be unsafe."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from chatwarden.classes import NEVER, SECRETS, UNWRITTEN, DataClass, Treatment
from chatwarden.clock import Duration
from chatwarden.config.model import BotConfig, TokenConfig, is_loopback
from chatwarden.config.written import Written

_NEEDED = {
    "builtin": (), "openai": ("url", "model"), "rasa": ("url",), "botframework": ("url",),
    "webhook": ("url", "secret_file"),
}  # fmt: skip
_STATEFUL = ("knowledge", "model", "system", "client_system", "history", "secret_file")
_MEANINGLESS = {
    "builtin": ("secret_file", "token"), "openai": ("secret_file",), "rasa": _STATEFUL, "botframework": _STATEFUL,
    "webhook": ("knowledge", "model", "system", "client_system", "credential_file", "token"),
}  # fmt: skip


def bots(written: Written) -> dict[str, BotConfig]:
    """Every enabled bot; the built-in one is there without being written."""
    found = {}
    for name in dict.fromkeys(("helpdesk", *written.names("bots"))):
        table = written.table("bots", name)
        if name == "helpdesk":
            table.setdefault("connector", "builtin")
        if "connector" not in table:
            raise written.error(("bots", name), f"bots.{name} needs a connector", 'for example connector = "openai"')
        bot = BotConfig(
            name, keep=_keep(written, name), policy=_policy(written, name), token=_token(written, name), **table
        )
        _connector(written, bot, table)
        if bot.connector != "builtin":
            _way(written, bot)
            _provider(written, bot)
            _client_certificate(written, bot)
        if bot.enabled:
            found[name] = bot
    return found


def _connector(written: Written, bot: BotConfig, own: dict[str, Any]) -> None:
    for field in _NEEDED[bot.connector]:
        if not getattr(bot, field):
            raise written.error(("bots", bot.name), f"bots.{bot.name} needs {field}")
    for field in _MEANINGLESS[bot.connector]:
        if field in own or (field == "token" and bot.token is not None):
            raise written.error(
                ("bots", bot.name, field), f"bots.{bot.name}.{field} means nothing to connector {bot.connector}",
                "take it out of the file",
            )  # fmt: skip


def _token(written: Written, name: str) -> TokenConfig | None:
    table = written.table("bots", name, "token")
    if not table and ("bots", name, "token") not in written.tables:
        return None
    token = TokenConfig(**table)
    for field in ("url", "client", "secret_file"):
        if not getattr(token, field):
            raise written.error(("bots", name, "token"), f"bots.{name}.token needs {field}")
    return token


def _provider(written: Written, bot: BotConfig) -> None:
    if bot.token is None:
        return
    if bot.credential_file is not None:
        raise written.error(
            ("bots", bot.name, "credential_file"), f"bots.{bot.name} has both credential_file and token",
            "the token is what the bot is shown: keep one of them",
        )  # fmt: skip
    if _is_bare(bot.token.url, bot):
        raise written.error(
            ("bots", bot.name, "token", "url"), f"bots.{bot.name}.token.url is plain http to another machine",
            "use https: the client's secret goes there",
        )  # fmt: skip


def _way(written: Written, bot: BotConfig) -> None:
    if _is_bare(bot.url, bot) and not bot.plaintext:
        raise written.error(
            ("bots", bot.name, "url"), f"bots.{bot.name}.url is plain http to another machine",
            "use https, or say plaintext = true if that network is yours",
        )  # fmt: skip


def _client_certificate(written: Written, bot: BotConfig) -> None:
    if (bot.client_certificate_file is None) != (bot.client_key_file is None):
        raise written.error(
            ("bots", bot.name),
            f"bots.{bot.name} needs both client_certificate_file and client_key_file, or neither",
        )
    if bot.client_certificate_file is not None and not bot.url.startswith("https://"):
        raise written.error(
            ("bots", bot.name, "client_certificate_file"), f"bots.{bot.name}: a client certificate needs https",
            "write the url with https",
        )  # fmt: skip


def _policy(written: Written, name: str) -> dict[DataClass, Treatment]:
    """What is done with a class for this bot. What is never written stays unwritten."""
    found = {DataClass(word): Treatment(said) for word, said in written.table("bots", name, "policy").items()}
    for data_class, treatment in found.items():
        never = data_class in NEVER or written.values.get(("retention", "class", data_class.value)) == 0
        if never and treatment not in UNWRITTEN:
            raise written.error(
                ("bots", name, "policy", data_class.value), f"{data_class.value} is never written", "remove or block it"
            )
    return found


def _keep(written: Written, name: str) -> dict[DataClass | None, Duration]:
    """How long the law wants messages of a bot kept. What is never written cannot be kept either."""
    found: dict[DataClass | None, Duration] = {}
    for word, life in written.table("bots", name, "keep").items():
        data_class = None if word == "default" else DataClass(word)
        if data_class in SECRETS or written.values.get(("retention", "class", word)) == 0:
            raise written.error(
                ("bots", name, "keep", word), f"{word} is never written, so it cannot be kept",
                f"a message with a {word} is kept by bots.{name}.keep.default, without the {word}",
            )  # fmt: skip
        found[data_class] = life
    return found


def _is_bare(url: str, bot: BotConfig) -> bool:
    # Behind an egress proxy even loopback is another machine's.
    near = is_loopback(urlsplit(url).hostname or "") and not bot.egress_proxy
    return url.startswith("http://") and not near
