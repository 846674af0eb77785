"""``[audit.syslog]``: what belongs together."""

from pathlib import Path

import pytest

from chatwarden.clock import MINUTE
from chatwarden.config.alarms import SyslogConfig
from chatwarden.config.parse import parse
from chatwarden.errors import ConfigurationError

RECEIVER = '[audit.syslog]\nurl = "tls://siem.example.org"\n'


def test_nobody_else_is_told_unless_it_is_written() -> None:
    assert parse("").syslog == parse('[audit.syslog]\nurl = ""\n').syslog == SyslogConfig()
    assert SyslogConfig().url == ""


def test_a_receiver_is_read_with_the_port_of_the_standard() -> None:
    assert parse(RECEIVER).syslog == SyslogConfig(host="siem.example.org", port=6514)
    full = parse(
        RECEIVER.replace(".org", ".org:16514")
        + 'format = "cef"\nca_file = "siem.pem"\ncertificate_file = "own.pem"\nkey_file = "own.key"\nalarm_after = "1h"\n'
    ).syslog
    assert full == SyslogConfig(
        "siem.example.org", 16514, "cef", Path("siem.pem"), Path("own.pem"), Path("own.key"), 60 * MINUTE
    )
    assert full.url == "tls://siem.example.org:16514"
    assert parse('[audit.syslog]\nurl = "tls://[::1]:6514"\n').syslog.url == "tls://[::1]:6514"


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        (RECEIVER.replace("tls:", "tcp:"), "syslog without TLS is not spoken"),
        (RECEIVER.replace("tls:", "udp:"), "syslog without TLS is not spoken"),
        (RECEIVER.replace(".org", ".org/path"), "written like"),
        (RECEIVER.replace(".org", ".org:0"), "written like"),
        (RECEIVER.replace(".org", ".org:99999"), "written like"),
        (RECEIVER.replace("siem.", "user@"), "written like"),
        (RECEIVER + 'format = "leef"\n', "this is one of ocsf, cef, json"),
        (RECEIVER + 'key_file = "own.key"\n', "go together"),
        (RECEIVER + 'certificate_file = "own.pem"\n', "go together"),
        (RECEIVER + 'alarm_after = "1s"\n', "below its floor"),
        ('[audit.syslog]\nca_file = "siem.pem"\n', "needs audit.syslog.url"),
    ],
)
def test_what_is_impossible_or_unsafe_is_refused_with_its_line(toml: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as refused:
        parse(toml)
    assert refused.value.line in {2, 3}
