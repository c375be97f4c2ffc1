"""All endpoints of this room."""

from __future__ import annotations

from callcenter.cases import endpoints, lists

ROUTERS = (endpoints.router, lists.router)
