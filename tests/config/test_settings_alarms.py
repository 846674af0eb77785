"""The rows of ``[audit.syslog]`` and ``[alarms]``."""

from dataclasses import fields

from chatwarden.config.alarms import AlarmsConfig, SyslogConfig
from chatwarden.config.settings_alarms import ALARM_SETTINGS


def test_every_field_has_its_setting() -> None:
    names = {setting.name for setting in ALARM_SETTINGS}
    assert names == {f"alarms.{one.name}" for one in fields(AlarmsConfig)} | {
        f"audit.syslog.{'url' if one.name == 'host' else one.name}"
        for one in fields(SyslogConfig)
        if one.name != "port"
    }


def test_thresholds_are_taken_over_by_a_reload_and_a_receiver_by_a_restart() -> None:
    assert {one.reload for one in ALARM_SETTINGS if one.name.startswith("alarms.")} == {True}
    assert {one.reload for one in ALARM_SETTINGS if one.name.startswith("audit.")} == {False}
