from dataclasses import fields

from chatwarden.config.model import NotifyConfig
from chatwarden.config.settings_notify import NOTIFY_SETTINGS


def test_every_field_has_its_setting_and_each_is_taken_over_by_a_reload() -> None:
    names = {setting.name.removeprefix("notify.").replace("from", "sender") for setting in NOTIFY_SETTINGS}
    assert names == {one.name for one in fields(NotifyConfig)}
    assert all(setting.reload for setting in NOTIFY_SETTINGS)
