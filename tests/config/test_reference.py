from chatwarden.config.reference import page
from chatwarden.config.settings import SETTINGS


def test_the_page_has_every_setting_once() -> None:
    text = page()
    assert all(text.count(f"| `{setting.name}` |") == 1 for setting in SETTINGS)
