"""Who may call an endpoint: each one states it, and a test walks them all.

``principal: Annotated[Principal, Depends(require(Role.LEAD, Role.SUPERVISOR))]`` or, for endpoints that
need nobody signed in, ``dependencies=[Depends(public)]``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Final

from fastapi import Depends, WebSocketException
from fastapi.dependencies.models import Dependant
from starlette.requests import HTTPConnection, Request
from starlette.websockets import WebSocket

from callcenter.access.origin import SAFE_METHODS, same_origin
from callcenter.access.roles import ACCOUNT_KEEPERS, CASE_WORKERS, EVERYONE, LEADS, SERVICE, Role
from callcenter.access.sessions import Principal, SessionKind
from callcenter.context import Services, services
from callcenter.errors import NotAuthenticated, NotPermitted, Unavailable

CLOSE_SIGNED_OUT = 4003
"""WebSocket close code of ``docs/agent-socket.md``: no session, or it ended."""
CLOSE_NOT_PERMITTED = 4403
"""This account's role may not use this socket."""
CLOSE_BAD_ORIGIN = 1008
SOCKET_BEARER = "bearer."
"""A browser's socket carries a token as a subprotocol of this beginning: it can send no header of its own."""
SUBPROTOCOL = "callcenter"
"""What is chosen of those offered then."""


class Guard:
    """A FastAPI dependency that admits some roles. ``roles`` None: anybody, signed in or not."""

    def __init__(self, roles: frozenset[Role] | None) -> None:
        self.roles: Final = roles


def guards_of(dependant: Dependant) -> Iterator[Guard]:
    """The guards of an endpoint; each has one."""
    for part in dependant.dependencies:
        if isinstance(part.call, Guard):
            yield part.call
        yield from guards_of(part)


class Require(Guard):
    """Admits the roles named and gives the Principal."""

    def __init__(self, roles: frozenset[Role]) -> None:
        super().__init__(roles)
        self._admitted: Final = roles

    async def __call__(self, request: Request) -> Principal:
        """Raises NotAuthenticated without a session, NotPermitted for another role or another site."""
        made = services(request)
        principal = await principal_of(request, made)
        if principal is None:
            raise NotAuthenticated("sign in first")
        unsafe = request.method not in SAFE_METHODS
        if principal.session_kind == "cookie" and unsafe and not same_origin(request.headers, made.settings):
            raise NotPermitted(
                "this request did not come from our own pages; behind a proxy, name its address in "
                "CALLCENTER_PUBLIC_ORIGINS"
            )
        if principal.role not in self._admitted:
            raise NotPermitted(f"not for the role {principal.role}", details={"roles": sorted(self._admitted)})
        return principal


class Public(Guard):
    """Admits everybody, and says so."""

    def __init__(self) -> None:
        super().__init__(None)

    async def __call__(self) -> None:
        return None


def require(*roles: Role) -> Require:
    """The guard for these roles. Raises ValueError for none: use ``public`` to let everybody in."""
    if not roles:
        raise ValueError("name at least one role")
    return Require(frozenset(roles))


public: Final = Public()

SignedIn = Annotated[Principal, Depends(require(*EVERYONE))]
ServiceStaff = Annotated[Principal, Depends(require(*SERVICE))]
CaseWorker = Annotated[Principal, Depends(require(*CASE_WORKERS))]
Keeper = Annotated[Principal, Depends(require(*ACCOUNT_KEEPERS))]
LeadOrAbove = Annotated[Principal, Depends(require(*LEADS))]


def presented(connection: HTTPConnection, cookie_name: str) -> tuple[str, SessionKind] | None:
    """The secret a request carries; a bearer token goes before a cookie."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip(), "bearer"
    for offered in connection.scope.get("subprotocols", ()):
        if offered.startswith(SOCKET_BEARER):
            return offered.removeprefix(SOCKET_BEARER), "bearer"
    cookie = connection.cookies.get(cookie_name)
    return (cookie, "cookie") if cookie else None


async def principal_of(connection: HTTPConnection, made: Services) -> Principal | None:
    """Who makes this request; None when nobody is signed in. Does not look at origins."""
    secret = presented(connection, made.sessions.cookie_name)
    return None if secret is None else await made.sessions.resolve(*secret)


async def socket_principal(websocket: WebSocket, *roles: Role) -> Principal:
    """Who opens this socket; call it before ``accept``.

    Another site's page is refused in the handshake. Without a session (or with another role) the socket is
    accepted and closed at once, because a browser shows a page no code of a refused handshake. Raises
    WebSocketException, which the framework turns into the close.
    """
    made = services(websocket)
    secret = presented(websocket, made.sessions.cookie_name)
    by_cookie = secret is None or secret[1] == "cookie"
    if by_cookie and not same_origin(websocket.headers, made.settings):
        raise WebSocketException(CLOSE_BAD_ORIGIN, "bad_origin")
    principal = None if secret is None else await made.sessions.resolve(*secret)
    if principal is None:
        await welcome(websocket)
        raise WebSocketException(CLOSE_SIGNED_OUT, "signed_out")
    if roles and principal.role not in roles:
        await welcome(websocket)
        raise WebSocketException(CLOSE_NOT_PERMITTED, "not_permitted")
    return principal


async def welcome(websocket: WebSocket) -> None:
    """Accept it, by the subprotocol that it offers beside a token, if it does: browsers insist on an answer."""
    offered = websocket.scope.get("subprotocols", ())
    await websocket.accept(SUBPROTOCOL if SUBPROTOCOL in offered else None)


async def why_close(websocket: WebSocket, *roles: Role) -> int | None:
    """With which code an open socket is to be closed, because whoever opened it may not have it any more.

    None: they may, or nobody can be asked now. A socket outlives sessions and roles: ask every quarter of a minute.
    """
    try:
        principal = await principal_of(websocket, services(websocket))
    except Unavailable:
        return None
    if principal is None:
        return CLOSE_SIGNED_OUT
    return CLOSE_NOT_PERMITTED if roles and principal.role not in roles else None
