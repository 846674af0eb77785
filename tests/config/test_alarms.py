from chatwarden.clock import HOUR, MINUTE
from chatwarden.config.alarms import AlarmsConfig, SyslogConfig, Threshold


def test_a_receiver_is_shown_as_it_is_written() -> None:
    assert SyslogConfig(host="siem.example.org").url == "tls://siem.example.org:6514"
    assert SyslogConfig(host="::1", port=1).url == "tls://[::1]:1"
    assert SyslogConfig().url == ""


def test_alarms_are_on_unless_they_are_switched_off() -> None:
    assert AlarmsConfig() == AlarmsConfig(Threshold(50, 10 * MINUTE), Threshold(5, HOUR), Threshold(60, 10 * MINUTE))
