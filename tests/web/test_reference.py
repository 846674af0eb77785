"""The page of roles tells every route, with its fields."""

from chatwarden.web.reference import page
from chatwarden.web.site import ROUTES


def test_every_route_is_told_once() -> None:
    lines = page().splitlines()
    for route in ROUTES:
        assert sum(line.startswith(f"| `{route.method} {route.path}` |") for line in lines) == 1


def test_a_route_tells_what_may_be_written_and_what_is_shown() -> None:
    (line,) = [line for line in page().splitlines() if line.startswith("| `PUT /api/v1/password`")]
    assert "`current`, `password`" in line
    (line,) = [line for line in page().splitlines() if line.startswith("| `POST /api/v1/conversations/{id}/messages` ")]
    assert "`text`, `client_id`" in line
    assert "`replies`" in line
