"""Everything of the roster that answers HTTP, in one list for the composition root."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from callcenter.roster.endpoints import router as board
from callcenter.roster.live import router as live
from callcenter.roster.mine import router as mine
from callcenter.roster.plans import router as plans
from callcenter.roster.requests import router as requests

ROUTERS: Final[tuple[APIRouter, ...]] = (board, requests, plans, live, mine)
