"""Who people are to the product."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    LEAD = "lead"
    SUPERVISOR = "supervisor"
    OPS = "ops"
    ADMIN = "admin"
    DEPARTMENT = "department"
    """Works on the cases of their departments, and on nothing else: no calls, no recordings."""


EVERYONE = tuple(Role)
"""Whoever is signed in."""
LEADS = (Role.LEAD, Role.SUPERVISOR, Role.ADMIN)
"""Those who answer for other people's calls."""
SERVICE = (Role.AGENT, *LEADS)
"""Those who work with customers and their records."""
CASE_WORKERS = (*SERVICE, Role.DEPARTMENT)
"""Those who work on cases; the departments' people on theirs alone."""
ACCOUNT_KEEPERS = (Role.SUPERVISOR, Role.ADMIN)
MACHINE_KEEPERS = (Role.OPS, Role.ADMIN)


def may_grant(granter: Role, role: Role) -> bool:
    """Whether an account keeper may make or change an account of that role: nobody makes their betters."""
    return granter is Role.ADMIN or (granter is Role.SUPERVISOR and role in {Role.AGENT, Role.LEAD, Role.DEPARTMENT})
