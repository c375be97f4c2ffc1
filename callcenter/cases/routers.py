"""All endpoints of this room."""

from __future__ import annotations

from callcenter.cases import endpoints, escalation_endpoints, lists

ROUTERS = (endpoints.router, lists.router, escalation_endpoints.router)
