from dataclasses import fields, replace
from pathlib import Path

import pytest

from chatwarden.classes import DataClass, Treatment
from chatwarden.clock import DAY, HOUR, MINUTE, SECOND
from chatwarden.config.model import OFF, DatabaseServer, LimitsConfig, Rate, ServerConfig, StorageConfig, TokenConfig
from chatwarden.config.parse import check_lab, parse, read
from chatwarden.errors import ConfigurationError
from chatwarden.principal import STAFF, Role

CONTRACT = """
[server]
host = "127.0.0.1"
port = 8443
public_url = "https://chat.example.org"
trusted_proxies = []
lab = false
[storage]
url = "sqlite"
[session]
profile = "general"
visitors = true
idle = "15m"
answer_within = "60s"
absolute = "12h"
attempts = 5
confirmation = "tap"
[session.agent]
idle = "15m"
[retention]
default = "30d"
[retention.class]
payment-card = "15m"
[ephemeral]
bucket = "60s"
[bots.helpdesk]
connector = "builtin"
who = ["visitor", "customer"]
[bots.shop]
connector = "openai"
url = "http://127.0.0.1:9000/v1"
model = "shop"
credential_file = "secrets/shop"
mode = "protect"
[limits]
messages = "1/s burst 8"
[metrics]
listen = "127.0.0.1:9464"
[audit]
keep = "400d"
"""


SHOP = "[bots.shop]\nconnector = 'openai'\nmodel = 'm'\n"
URL = "url = 'https://b.example'\n"
TOKEN = "[bots.shop.token]\nurl = 'https://login.example/token'\nclient = 'gateway'\nsecret_file = 's'\n"


def refusal(toml: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        parse(toml)
    return caught.value


def test_the_example_of_the_contract_is_read() -> None:
    config = parse(CONTRACT)
    assert config.server.public_url == "https://chat.example.org"
    assert config.session.roles[Role.VISITOR].idle == 15 * MINUTE
    assert config.retention.classes[DataClass.PAYMENT_CARD] == 15 * MINUTE
    assert config.bots["shop"].credential_file == Path("secrets/shop")
    assert config.limits.messages == Rate(SECOND, 8)
    assert config.audit_keep == 400 * DAY


def test_an_empty_file_is_a_sound_configuration_with_the_help_desk() -> None:
    config = parse("")
    assert list(config.bots) == ["helpdesk"]
    assert config.bots["helpdesk"].connector == "builtin"
    assert config.server == ServerConfig()


def test_the_help_desk_is_gone_only_when_it_is_switched_off() -> None:
    assert "helpdesk" in parse("[bots.helpdesk]\n").bots
    assert parse("[bots.helpdesk]\nenabled = false\n").bots == {}


@pytest.mark.parametrize(
    ("toml", "line", "told", "hint"),
    [
        ("[session]\n\nidel = '5m'\n", 3, "there is no setting session.idel", "did you mean session.idle?"),
        ("[server]\nport = 'x'\n", 2, "server.port: this is a whole number", ""),
        ("[server]\nport = true\n", 2, "whole number", ""),
        ("[server]\nport = 70000\n", 2, "from 0 to 65535", ""),
        ("server.host = '192.0.2.1'\nserver.lab = true\n", 2, "loopback only", "127.0.0.1"),
        ("[server]\npublic_url = 'http://a.example'\n", 2, "https://", ""),
        ("[server]\ntrusted_proxies = '10.0.0.1'\n", 2, "a list of addresses and networks", ""),
        ("[server]\ntrusted_proxies = ['10.0.0.1/8']\n", 2, "without host bits", ""),
        ("[server]\ntrusted_proxies = ['proxy.example']\n", 2, "neither an address nor a network", ""),
        ("[server]\ntrusted_proxies = ['0.0.0.0/0']\n", 2, "0.0.0.0/0 is everybody", ""),
        ("[server]\ntrusted_proxies = ['::/0']\n", 2, "::/0 is everybody", ""),
        ("[server]\nproxy_protocol = true\n", 2, "needs server.trusted_proxies", "name the proxies"),
        ("[tls]\ncertificate_file = 'a.pem'\n", 1, "both certificate_file and key_file", ""),
        ("[storage]\nurl = 'postgresql://x'\n", 2, 'written like "postgresql://', ""),
        ("[storage]\nurl = 'postgresql://a:secret@x/d'\n", 2, "a password never stands in this file", ""),
        ("[storage]\nurl = 'postgresql://a@x/d?sslmode=disable'\n", 2, 'written like "postgresql://', ""),
        ("[storage]\nurl = 'postgresql://a@x:port/d'\n", 2, "Port", ""),
        ("[storage]\npassword_file = 'secrets/db'\n", 2, "storage.password_file is for PostgreSQL", "storage.url"),
        ("[bots.helpdesk]\nmode = 'off'\n", 2, "one of protect, observe", ""),
        ("[bots.helpdesk]\nallow = ['+49 30 901820']\n", 2, "a list of { value", ""),
        ("[bots.helpdesk]\nallow = [{ value = '+49 30 901820', reason = ' ' }]\n", 2, "and a reason", ""),
        ("[bots.helpdesk.keep]\ncard-code = '30d'\n", 2, "card-code is never written", "keep.default"),
        ("[bots.helpdesk.keep]\niban = '30d'\n[retention.class]\niban = 'never'\n", 2, "iban is never written", ""),
        ("[bots.helpdesk.keep]\nibann = '30d'\n", 2, "there is no ibann", "did you mean iban?"),
        ("[session]\nidle = '30s'\n", 2, "below its floor of 60s", "server.lab"),
        ("[session]\nanswer_within = '19s'\n", 2, "below its floor of 20s", "server.lab"),
        ("[session]\nidle = '60s'\n", 1, "answer_within must be shorter", ""),
        ("[session]\nidle = '5 m'\n", 2, "a duration is written like", ""),
        ("[session]\nidle = 'never'\n", 2, "a duration is written like", ""),
        ("[session]\nidle = 300\n", 2, "a duration is written like", ""),
        ("[session.bot]\nidle = '5m'\n", 2, "there is no bot in session", "docs/settings.md"),
        ("[session.agent]\nidle = '16m'\n", 2, "staff are idle for at most 15m", ""),
        ("[session.admin]\nidle = '11m'\n", 2, "staff are idle for at most 10m", ""),
        ("[session.agent]\nabsolute = '13h'\n", 2, "staff sessions last at most 12h", ""),
        ("[retention]\ndefault = '30s'\n", 2, "shorter than ephemeral.bucket", ""),
        ("[retention]\ndefault = 'never'\n", 2, "a duration is written like", ""),
        ("[retention.class]\ncard-code = '5m'\n", 2, "card-code is never written", "never"),
        ("[retention.class]\npayment-cord = '5m'\n", 2, "there is no payment-cord", "did you mean payment-card?"),
        ("[policy.class]\ncard-code = 'allow'\n", 2, "card-code is always removed", ""),
        ("[policy.class]\nemail = 'burn'\n", 2, "this is one of allow", ""),
        ("[bots.Shop]\nconnector = 'openai'\n", 2, "small letters", ""),
        ("[bots.shop]\n", 1, "needs a connector", "openai"),
        ("[bots.shop]\nconnector = 'rosa'\n", 2, "one of builtin, openai, rasa, botframework, webhook", ""),
        ("[bots.shop]\nconnector = 'rasa'\n", 1, "needs url", ""),
        ("[bots.shop]\nconnector = 'botframework'\nurl = 'http://10.0.0.1'\n", 3, "plain http", "https"),
        ("[bots.shop]\nconnector = 'webhook'\nurl = 'http://127.0.0.1'\n", 1, "needs secret_file", ""),
        ("[bots.shop]\nconnector = 'webhook'\nsecret_file = ['a']\n", 3, "path of a file", ""),
        (
            "[bots.shop]\nconnector = 'webhook'\nurl = 'http://127.0.0.1'\nsecret_file = 'a'\ncredential_file = 'b'\n",
            5,
            "means nothing to connector webhook",
            "take it out",
        ),
        (
            "[bots.shop]\nconnector = 'rasa'\nurl = 'http://[::1]:5005'\nmodel = 'm'\n",
            4,
            "means nothing to connector rasa",
            "",
        ),
        (
            "[bots.shop]\nconnector = 'openai'\nmodel = 'm'\nurl = 'http://127.0.0.1/v1'\nsecret_file = 'a'\n",
            5,
            "means nothing",
            "",
        ),
        ("[bots.shop]\nconnector = 'openai'\nmodel = 'm'\n", 1, "needs url", ""),
        ("[bots.shop]\nconnector = 'openai'\nurl = 'http://127.0.0.1/v1'\n", 1, "needs model", ""),
        ("[bots.shop]\nconnector = 'openai'\nmodel = 'm'\nurl = 'http://bot.example/v1'\n", 4, "plain http", "https"),
        ("[bots.shop]\nconnector = 'openai'\nurl = 'ftp://x'\n", 3, "is written like", ""),
        (SHOP + "url = 'https://b.example'\nclient_key_file = 'k'\n", 1, "both client_certificate_file and", ""),
        (
            SHOP + "url = 'http://127.0.0.1'\nclient_key_file = 'k'\nclient_certificate_file = 'c'\n",
            6,
            "a client certificate needs https",
            "https",
        ),
        (SHOP + "url = 'https://b.example'\negress_proxy = 'http://u:p@proxy:3128'\n", 5, "without a user", ""),
        (SHOP + "url = 'http://127.0.0.1'\negress_proxy = 'http://proxy:3128'\n", 4, "plain http", "https"),
        (SHOP + URL + "[bots.shop.token]\n", 5, "bots.shop.token needs url", ""),
        (SHOP + URL + TOKEN.replace("secret_file", "ca_file"), 5, "bots.shop.token needs secret_file", ""),
        (SHOP + URL + TOKEN.replace("https", "http"), 6, "plain http to another machine", "secret goes there"),
        (SHOP + URL + "credential_file = 'c'\n" + TOKEN, 5, "both credential_file and token", "keep one"),
        (SHOP + URL + TOKEN.replace("gateway", "two words"), 7, "name of up to 256", ""),
        (SHOP + URL + "[bots.shop.token]\nsecret = 'x'\n", 6, "a secret never stands in this file", "file"),
        ("[bots.helpdesk]\ntitle = 'x'\n" + TOKEN.replace("shop", "helpdesk"), 3, "means nothing to connector", ""),
        ("[bots.shop]\nconnector = 'openai'\napi_key = 'x'\n", 3, "a secret never stands in this file", "file"),
        ("[bots.shop]\nwho = ['nobody']\n", 2, "a list of visitor", ""),
        ("[bots.shop]\nwho = []\n", 2, "a list of visitor", ""),
        ("[limits]\nmessages = '0/s'\n", 2, "a rate is written like", ""),
        ("[limits]\nbody_bytes = 1\n", 2, 'whole number from 1024 to 16777216, or "off"', ""),
        ("[limits]\nkeep_alive = 'never'\n", 2, 'or "off"', ""),
        ("[metrics]\nlisten = '9464'\n", 2, "127.0.0.1:9464", ""),
        ("[log]\nlevel = 'loud'\n", 2, "one of debug", ""),
        ("[backup]\nrecipient = 'https://x'\n", 2, "a recipient begins with cwr1-", ""),
        ("\n[bogus]\n", 2, "there is no table [bogus]", "docs/settings.md"),
        ("[server]\nport = 1\nport = 2\n", 3, "not valid TOML", ""),
        ("server = 1\n", 1, "there is no setting server", ""),
        ("[server]\nhost = {a = 1}\n", 2, "there is no setting server.host.a", ""),
    ],
)
def test_what_is_wrong_refuses_with_its_line_and_a_hint(toml: str, line: int, told: str, hint: str) -> None:
    error = refusal(toml)
    assert told in str(error)
    assert error.line == line
    assert hint in error.hint


def test_the_lab_switch_permits_a_second_where_a_floor_stood() -> None:
    config = parse("[server]\nlab = true\n[session]\nidle = '2s'\nanswer_within = '1s'\nabsolute = '3s'\n")
    assert config.session.roles[Role.VISITOR].idle == 2 * SECOND
    assert config.session.roles[Role.AGENT].absolute == 3 * SECOND


def test_the_lab_switch_is_refused_for_an_address_that_others_reach() -> None:
    server = parse("[server]\nlab = true\n").server
    check_lab(server)
    with pytest.raises(ConfigurationError):
        check_lab(replace(server, host="0.0.0.0"))


def test_staff_are_bounded_whatever_is_said_for_everybody() -> None:
    config = parse("[session]\nidle = '2h'\nabsolute = '10d'\n")
    assert config.session.roles[Role.CUSTOMER].idle == 2 * HOUR
    assert {role: config.session.roles[role].idle // MINUTE for role in STAFF} == {
        Role.AGENT: 15, Role.TRAINER: 15, Role.ADMIN: 10, Role.AUDITOR: 10,
    }  # fmt: skip
    assert all(config.session.roles[role].absolute <= 12 * HOUR for role in STAFF)


def test_the_bank_profile_is_five_minutes_and_an_hour() -> None:
    policy = parse("[session]\nprofile = 'bank'\n").session.roles[Role.CUSTOMER]
    assert (policy.idle, policy.absolute, policy.answer_within) == (5 * MINUTE, 60 * MINUTE, 60 * SECOND)


def test_a_class_that_is_never_written_is_removed() -> None:
    config = parse("[retention.class]\nhealth = 'never'\n")
    assert config.policy[DataClass.HEALTH] is Treatment.REMOVE


def test_a_rate_may_be_off_and_may_span_units() -> None:
    config = parse("[limits]\nmessages = 'off'\nlogins = '5/15m burst 5'\n")
    assert config.limits.messages is None
    assert config.limits.logins == Rate(3 * MINUTE, 5)


def test_a_file_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[server]\nport = 9\n")
    assert read(path).source == path
    assert read(path).server.port == 9


@pytest.mark.parametrize("data", [b"\xff\xfe", b"#" * 1_048_577])
def test_a_file_that_is_no_text_or_too_large_refuses(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "c.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigurationError):
        read(path)


def test_an_absent_file_refuses(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read"):
        read(tmp_path / "absent.toml")


def test_any_limit_may_be_off() -> None:
    names = [one.name for one in fields(LimitsConfig)]
    limits = parse("[limits]\n" + "".join(f"{name} = 'off'\n" for name in names)).limits
    rates = {
        "messages", "logins", "login_failures", "visitors", "tokens", "token_failures", "refusals", "new_connections",
        "new_connections_per_peer",
    }  # fmt: skip
    assert {name for name in names if getattr(limits, name) is None} == rates
    assert {getattr(limits, name) for name in names if name not in rates} == {OFF, 0}
    assert limits.body_rate == 0


def test_proxies_are_addresses_and_networks() -> None:
    server = parse("[server]\ntrusted_proxies = ['10.0.0.5', '2001:db8::/64']\nproxy_protocol = true\n").server
    assert [str(network) for network in server.trusted_proxies] == ["10.0.0.5/32", "2001:db8::/64"]
    assert server.proxy_protocol


@pytest.mark.parametrize(
    ("url", "server", "local"),
    [
        ("postgresql://a@db.example.org/record", DatabaseServer("db.example.org", 5432, "a", "record"), False),
        ("postgresql://a%40b@127.0.0.1:6000/r", DatabaseServer("127.0.0.1", 6000, "a@b", "r"), True),
        ("postgresql://a@/r?host=/run/postgresql", DatabaseServer("/run/postgresql", 5432, "a", "r"), True),
        ("postgresql://a@[::1]/r", DatabaseServer("::1", 5432, "a", "r"), True),
    ],
)
def test_a_database_server_is_written_as_a_url(url: str, server: DatabaseServer, local: bool) -> None:
    config = parse(f"[storage]\nurl = '{url}'\npassword_file = 'secrets/db'\n")
    assert config.storage == StorageConfig(server, Path("secrets/db"))
    assert server.local is local


def test_a_token_may_be_fetched_over_loopback_and_with_a_scope() -> None:
    token = (
        parse(SHOP + URL + TOKEN.replace("https://login.example", "http://127.0.0.1:9") + "scope = 'a b'\n")
        .bots["shop"]
        .token
    )
    assert token == TokenConfig("http://127.0.0.1:9/token", "gateway", "a b", Path("s"))
    assert parse(SHOP + URL).bots["shop"].token is None
