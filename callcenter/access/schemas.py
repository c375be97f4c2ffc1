"""Shapes of the access endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from callcenter.access.roles import Role
from callcenter.access.sessions import Principal
from callcenter.access.tables import Account, SessionRow

Language = Literal["zh-CN", "en"]
Name = Annotated[str, Field(min_length=1, max_length=80)]
Levels = Annotated[dict[Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$")], int], Field(max_length=100)]
Skills = Annotated[dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")], int], Field(max_length=100)]
"""A language is a skill by its tag: ``zh-CN``."""
HEX_ID = r"^[0-9a-f]{32}$"


class Strict(BaseModel):
    """Unknown keys are errors: a misspelt field must not pass in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LoginIn(Strict):
    login: Annotated[str, Field(max_length=64)]
    password: Annotated[SecretStr, Field(max_length=256)]


class MeOut(BaseModel):
    account_id: str
    login: str
    name: str
    role: Role
    language: str
    session_id: str
    session_kind: str
    expires_at: datetime
    timezone: str
    """The site's zone: pages show and ask times in it, wherever the browser stands."""

    @classmethod
    def of(cls, who: Principal, timezone: str) -> Self:
        shown = {name: getattr(who, name) for name in cls.model_fields if name != "timezone"}
        return cls(**shown, timezone=timezone)


class TokenIn(Strict):
    label: Name
    role: Role | None = None
    """What the token may do; by default as its maker. Only an administrator may choose another."""
    days: Annotated[int, Field(ge=1, le=3650)] = 365


class TokenOut(BaseModel):
    id: str
    label: str
    role: Role
    account_id: str
    created_at: datetime
    expires_at: datetime
    last_seen_at: datetime

    @classmethod
    def of(cls, row: SessionRow, account_role: str) -> Self:
        return cls(
            id=row.id,
            label=row.label,
            role=Role(row.role or account_role),
            account_id=row.account_id,
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_seen_at=row.last_seen_at,
        )


class TokenMade(TokenOut):
    token: str
    """Shown this once."""


class AccountIn(Strict):
    login: Annotated[str, Field(max_length=64)]
    name: Name
    role: Role = Role.AGENT
    password: Annotated[SecretStr, Field(max_length=256)] | None = None
    """Unset: one is made and shown once in the answer."""
    language: Language = "zh-CN"
    extension: str | None = None
    """Unset: agents get the next free one."""
    seat_kind: Literal["browser", "desk_phone"] = "browser"
    queues: Levels = Field(default_factory=dict)
    skills: Skills = Field(default_factory=dict)
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] | None = None


class AccountPatch(Strict):
    """Only what is given changes; ``wrap_up_s`` null means as the queue says."""

    name: Name | None = None
    role: Role | None = None
    language: Language | None = None
    active: bool | None = None
    seat_kind: Literal["browser", "desk_phone"] | None = None
    queues: Levels | None = None
    skills: Skills | None = None
    wrap_up_s: Annotated[float, Field(ge=0, le=3600)] | None = None


class PasswordIn(Strict):
    password: Annotated[SecretStr, Field(max_length=256)]
    current: Annotated[SecretStr, Field(max_length=256)] | None = None
    """Needed to change one's own."""


class AccountOut(BaseModel):
    id: str
    login: str
    name: str
    role: Role
    language: str
    active: bool
    extension: str | None
    seat_kind: str
    queues: dict[str, int]
    skills: dict[str, int]
    wrap_up_s: float | None
    drill: bool
    created_at: datetime

    @classmethod
    def of(cls, account: Account, levels: tuple[dict[str, int], dict[str, int]] | None) -> Self:
        queues, skills = levels or ({}, {})
        return cls(
            id=account.id,
            login=account.login,
            name=account.display_name,
            role=Role(account.role),
            language=account.language,
            active=account.active,
            extension=account.extension,
            seat_kind=account.seat_kind,
            queues=queues,
            skills=skills,
            wrap_up_s=account.wrap_up_s,
            drill=account.drill,
            created_at=account.created_at,
        )


class PasswordMade(BaseModel):
    password: str


class AccountMade(BaseModel):
    account: AccountOut
    password: str | None
    """The password that was made for it; null when one was given."""
