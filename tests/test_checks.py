"""What a configuration leads to: credentials that are not for it, and levels that are gone. With the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatwarden.checks import check_levels, check_misplaced, refuse_misplaced
from chatwarden.config.home import Home
from chatwarden.config.model import Config
from chatwarden.config.parse import read
from chatwarden.errors import ConfigurationError
from tests.world.house import HEAD, Open

SHOP = """[bots.shop]
connector = "openai"
url = "http://127.0.0.1:9/v1"
model = "m"
credential_file = "shop"
"""


def written(tmp_path: Path, text: str) -> tuple[Home, Config]:
    home = Home(tmp_path / "home")
    home.prepare()
    (home.path / "shop").write_text(text + "\n")
    (home.path / "shop").chmod(0o600)
    (tmp_path / "c.toml").write_text(SHOP)
    return home, read(tmp_path / "c.toml")


@pytest.mark.parametrize(("prefix", "why"), [("cws_", "session-token"), ("cwb_", "bot-token"), ("cwk_", "bot-secret")])
async def test_a_credential_of_this_gateway_is_refused_with_its_line(
    tmp_path: Path, open_house: Open, prefix: str, why: str
) -> None:
    home, config = written(tmp_path, prefix + "0" * 64)
    with pytest.raises(ConfigurationError, match=why) as error:
        check_misplaced(home, config)
    assert (error.value.line, "0" * 64 in str(error.value)) == (5, False)
    async with open_house(HEAD) as house:
        with pytest.raises(ConfigurationError, match=why) as error:
            await refuse_misplaced(house.node, home, config)
    assert error.value.line == 5


async def test_a_key_of_somebody_else_is_what_belongs_there(tmp_path: Path, open_house: Open) -> None:
    home, config = written(tmp_path, "sk-123456")
    check_misplaced(home, config)
    async with open_house(HEAD) as house:
        await refuse_misplaced(house.node, home, config)


def test_an_account_whose_level_is_gone_is_named(tmp_path: Path) -> None:
    home = Home(tmp_path)
    accounts = [{"name": "helpdesk", "level": "reader"}]
    check_levels(home, Config(levels={"reader": ("orders:read",)}), accounts)
    with pytest.raises(ConfigurationError, match="the bot helpdesk has the access level reader") as error:
        check_levels(home, Config(), accounts)
    assert error.value.hint.endswith("bot level helpdesk LEVEL")
