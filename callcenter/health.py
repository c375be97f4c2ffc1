"""``/healthz`` and ``/readyz``: whether the process lives, and whether it can take calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse

from callcenter.access.guard import public
from callcenter.errors import CallCenterError

Probe = Callable[[], Awaitable[None]]
"""Returns when its part is ready; raises CallCenterError with what is wrong."""


async def ask_all(probes: Mapping[str, Probe]) -> dict[str, str]:
    """Each part by name: ``ready``, or what is wrong with it."""
    parts = {}
    for name, probe in probes.items():
        try:
            await probe()
            parts[name] = "ready"
        except CallCenterError as error:
            parts[name] = error.message
    return parts


def health_router(probes: Mapping[str, Probe]) -> APIRouter:
    """``probes``: name of a part → how to ask it."""
    router = APIRouter(dependencies=[Depends(public)], tags=["health"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """The process answers."""
        return {"status": "alive"}

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Each part by name: ``ready``, or what is wrong with it; 503 if any is not."""
        parts = await ask_all(probes)
        ready = all(state == "ready" for state in parts.values())
        return JSONResponse({"ready": ready, "parts": parts}, status_code=200 if ready else 503)

    return router
