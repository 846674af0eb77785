"""The ASGI application: finds the route, lets the right ones in, turns what goes wrong into an answer.

Starlette matches paths; everything else a handler needs is in http.py. An unexpected error is logged with its id and
answered as a problem without detail; nothing of it reaches the client.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import cast

from starlette.routing import Route as StarletteRoute
from starlette.routing import Router
from starlette.types import Receive, Scope, Send

from chatwarden.errors import (
    ChatwardenError,
    Forbidden,
    InvalidRequest,
    InvalidToken,
    NotFound,
    Problem,
    Unavailable,
)
from chatwarden.ids import new_id
from chatwarden.log import get_logger
from chatwarden.storage.model import StorageFailed
from chatwarden.web.context import Services
from chatwarden.web.doors import one_kind
from chatwarden.web.http import ClientGone, Request, problem_reply
from chatwarden.web.routes import Access, AnyReply, Handler, OpenHandler, Route
from chatwarden.web.views import extension

_log = get_logger("web")
_OPEN = frozenset({Access.ANYBODY, Access.ITSELF, Access.OWN})


class Endpoint:
    """One path with its methods."""

    def __init__(self, services: Services, routes: Iterable[Route]) -> None:
        self._services = services
        self._routes = {route.method: route for route in routes}
        self._allow = ", ".join(sorted(self._routes))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive, scope.get("path_params", {}))
        try:
            reply = await self._handle(request)
        except ClientGone:
            return
        except Problem as problem:
            reply = problem_reply(self._told(problem))
        except StorageFailed:
            _log.error("storage-failed")
            unavailable = Unavailable("nothing was stored; try again later", headers={"Retry-After": "5"})
            reply = problem_reply(self._told(unavailable))
        except ChatwardenError as error:
            reply = self._unexpected(error)
        except Exception as error:  # noqa: BLE001  the last border: everything becomes an answer
            reply = self._unexpected(error)
        await reply.send(send)

    async def _handle(self, request: Request) -> AnyReply:
        route = self._routes.get(request.scope["method"])
        if route is None:
            raise InvalidRequest("this path does not take that method", status=405, headers={"Allow": self._allow})
        services = self._services
        if not route.oauth and route.access is not Access.ITSELF:  # those refuse in a form of their own
            await one_kind(services, request)
        if route.access in _OPEN:
            return await cast("OpenHandler", route.handler)(services, request)
        token = request.bearer()
        if not token:
            raise InvalidToken(headers={"WWW-Authenticate": 'Bearer realm="chatwarden"'})
        now = services.clock.now()
        session = await services.sessions.authenticate(token, now, request.client)
        if route.access is not Access.SESSION:
            services.sessions.require_active(session, now, incomplete=route.access is Access.SETTING_UP)
        if route.roles and not route.roles.intersection(session.principal.roles):
            raise Forbidden("this is not for your role")
        return await cast("Handler", route.handler)(services, request, session)

    def _told(self, problem: Problem) -> Problem:
        rp = self._services.relying_party
        problem.extra = {name: extension(value, rp) for name, value in problem.extra.items()}
        self._services.metrics.refusal(problem.name)
        return problem

    def _unexpected(self, error: Exception) -> AnyReply:
        error_id = new_id("err")
        _log.exception("unexpected-error", error_id=error_id, kind=type(error).__name__)
        return problem_reply(self._told(Problem("", error_id=error_id)))


async def _not_found(_scope: Scope, _receive: Receive, send: Send) -> None:
    await problem_reply(NotFound()).send(send)


def build(services: Services, routes: Iterable[Route], hot: Iterable[StarletteRoute] = ()) -> Router:
    """The application over *services*. *hot* routes come first and speak ASGI themselves."""
    paths: dict[str, list[Route]] = defaultdict(list)
    for route in routes:
        paths[route.path].append(route)
    table = [StarletteRoute(path, Endpoint(services, group)) for path, group in paths.items()]
    return Router([*hot, *table], redirect_slashes=False, default=_not_found)
