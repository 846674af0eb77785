from dataclasses import fields

from chatwarden.config.model import (
    BotConfig,
    LimitsConfig,
    PasswordConfig,
    ServerConfig,
    SessionPolicy,
    StepUp,
    TlsConfig,
    TokenConfig,
    WindowConfig,
)
from chatwarden.config.parse import parse
from chatwarden.config.setting import OPTIONAL
from chatwarden.config.settings import SETTINGS, WILDCARDS
from chatwarden.principal import Role


def test_every_field_of_the_configuration_has_its_setting_and_no_name_stands_twice() -> None:
    names = [setting.name for setting in SETTINGS]
    assert len(names) == len(set(names))
    for prefix, kind in (
        ("server", ServerConfig), ("tls", TlsConfig), ("session", SessionPolicy), ("session.*", SessionPolicy),
        ("step_up.*", StepUp), ("passwords", PasswordConfig),
        ("bots.*", BotConfig), ("bots.*.token", TokenConfig), ("limits", LimitsConfig),
        ("policy", WindowConfig),
    ):  # fmt: skip
        assert {f"{prefix}.{one.name}" for one in fields(kind)} - {
            "bots.*.name",
            "bots.*.keep",
            "bots.*.policy",
            "bots.*.token",
        } <= set(names)


def test_every_default_is_accepted_where_it_is_written_and_changes_nothing() -> None:
    plain = [s for s in SETTINGS if "*" not in s.name and s.default is not None]
    written = "\n".join(f"{s.name} = {s.written_default}" for s in plain)
    assert parse(written) == parse("")


def test_a_bot_has_no_session_settings() -> None:
    assert Role.BOT.value not in WILDCARDS["session.*"]


def test_every_floor_stands_on_a_duration_and_below_its_default() -> None:
    floored = [s for s in SETTINGS if s.floor]
    assert floored
    assert all(
        s.is_duration and isinstance(s.default, int) and (s.default >= s.floor or s.parse is OPTIONAL) for s in floored
    )


def test_every_setting_says_what_it_means() -> None:
    assert all(s.meaning and not s.meaning.endswith(".") for s in SETTINGS)
