"""What is asked of a configuration beside its own words: whose credentials lie in its files, and whether every account of a
bot has its access level. Each raises ConfigurationError with the line of the setting that leads there.
"""

from __future__ import annotations

from typing import Any

from chatwarden import tokens
from chatwarden.app import lines
from chatwarden.config.files import credential
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.errors import ConfigurationError
from chatwarden.misplaced import credential_files
from chatwarden.node import Node


def check_misplaced(home: Home, config: Config) -> None:
    """Refuses what this gateway hands out as what a connector shows to somebody. A start also tries passwords of people,
    and puts what it finds on record.
    """
    for name, bot in config.bots.items():
        for setting, path in credential_files(bot):
            with lines(config, ("bots", name)):
                found = tokens.kinds(tokens.first(credential(home.path / path, setting)))
                if found:
                    raise _misplaced(name, setting, min(found))


async def refuse_misplaced(node: Node, home: Home, config: Config) -> None:
    """Raises ConfigurationError when a connector's file holds a person's or a bot's credential of this gateway."""
    now = node.services.clock.now()
    for name, setting, why in await node.services.misplaced.in_files(config.bots, home.path, now):
        with lines(config, ("bots", name)):
            raise _misplaced(name, setting, why)


def _misplaced(name: str, setting: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"bots.{name}.{setting} leads to a credential of this gateway itself: {why}",
        hint="a bot is shown a credential of its own, and never a person's; replace the one that lies there",
        setting=setting,
    )  # fmt: skip


def check_levels(home: Home, config: Config, accounts: list[dict[str, Any]]) -> None:
    """Refuses a configuration without the access level of an account that there is."""
    for account in accounts:
        if account["level"] not in config.levels:
            raise ConfigurationError(
                f"the bot {account['name']} has the access level {account['level']}, which is not in [levels]",
                hint=f"write it again, or give the bot another one: chatwarden --home {home.path} bot level "
                f"{account['name']} LEVEL",
            )
