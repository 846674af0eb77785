"""Settings as they are in force: values, sources, and nothing that may be a secret."""

from __future__ import annotations

from dataclasses import replace

from chatwarden.config.in_force import InForce, in_force
from chatwarden.config.model import Config
from chatwarden.config.parse import parse
from chatwarden.config.settings import SETTINGS


def of(config: Config) -> dict[str, InForce]:
    return {one.name: one for one in in_force(config)}


def test_without_a_file_every_setting_has_its_default_in_the_order_of_the_reference() -> None:
    shown = in_force(Config())
    assert [one.name for one in shown] == [one.name for one in SETTINGS if "*" not in one.name]
    assert {(one.source, one.line) for one in shown} == {("default", None)}
    assert of(Config())["session.idle"].value == '"15m"'
    assert of(Config())["tls.certificate_file"].value == "not set"


def test_what_is_written_is_shown_with_its_line_beside_its_table() -> None:
    shown = in_force(
        parse('[session]\nidle = "9m"\n[bots.b]\nconnector = "builtin"\n[bots.a]\nconnector = "builtin"\n')
    )
    named = {one.name: one for one in shown}
    idle = named["session.idle"]
    assert (idle.value, idle.source, idle.line, idle.reload) == ('"9m"', "file", 2, True)
    places = [one.name for one in shown]
    assert places.index("bots.a.connector") + 1 == places.index("bots.b.connector")
    assert len(places) == len(set(places))


def test_a_profile_is_the_source_of_what_it_sets() -> None:
    shown = of(parse('[session]\nprofile = "bank"\nrecheck = "10m"\n'))
    assert (shown["session.idle"].value, shown["session.idle"].source) == ('"5m"', "profile")
    assert (shown["session.recheck"].value, shown["session.recheck"].source) == ('"10m"', "file")
    assert (shown["session.attempts"].source, shown["passwords.staff_digits"].value) == ("default", "true")


def test_the_command_line_goes_before_the_file() -> None:
    config = parse("[server]\nport = 9000\n")
    moved = of(replace(config, server=replace(config.server, port=9001)))["server.port"]
    assert (moved.value, moved.source, moved.line) == ("9001", "command line", None)
    assert of(config)["server.port"].source == "file"


def test_what_may_be_a_secret_is_not_repeated() -> None:
    config = parse(
        '[notify]\nwebhook = "https://hooks.example.org/T0/secret"\nwebhook_secret_file = "secrets/hook"\n'
        '[bots.shop]\nconnector = "openai"\nurl = "https://x.example/v1"\nmodel = "m"\nsystem = "the password is swordfish"\n'
        'allow = [{ value = "+49 30 901820", reason = "hotline" }]\n'
    )
    shown = of(config)
    assert shown["notify.webhook"].value == '"https://hooks.example.org/…"'
    assert shown["bots.shop.system"].value == "(25 characters)"
    assert shown["bots.shop.allow"].value == "(1 entries)"
    for never in ('secret"', "/T0/", "swordfish", "901820"):
        assert never not in str([one.value for one in shown.values()])


def test_a_long_value_is_cut() -> None:
    shown = of(parse(f'[server]\nname = "{"x" * 900}"\n'))["server.name"].value
    assert len(shown) == 201
    assert shown.endswith("…")
