"""The rows of ``[desk]``."""

from dataclasses import fields

from chatwarden.config.desk import AgentConfig, DeskConfig, ReplyConfig
from chatwarden.config.settings_desk import DESK_SETTINGS


def test_every_field_has_its_setting() -> None:
    own = {f"desk.{one.name}" for one in fields(DeskConfig) if one.name not in {"agents", "replies"}}
    agents = {f"desk.agents.*.{one.name}" for one in fields(AgentConfig)}
    replies = {f"desk.replies.*.{one.name}" for one in fields(ReplyConfig)}
    assert {setting.name for setting in DESK_SETTINGS} == own | agents | replies


def test_a_reload_is_enough_for_all_of_it() -> None:
    assert {one.reload for one in DESK_SETTINGS} == {True}
