from chatwarden.config.settings_session import SESSION_SETTINGS


def test_each_session_setting_may_stand_for_all_and_for_one_role() -> None:
    names = {setting.name for setting in SESSION_SETTINGS}
    general = {name.removeprefix("session.") for name in names if name.startswith("session.") and "*" not in name}
    own = {name.removeprefix("session.*.") for name in names if name.startswith("session.*.")}
    assert general - own == {"profile", "visitors", "time_zone"}
    assert own < general


def test_all_of_them_are_taken_over_by_a_reload() -> None:
    assert all(setting.reload for setting in SESSION_SETTINGS)
