"""Signing in and out, machines' tokens, accounts."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import SecretStr
from sqlalchemy import select

from callcenter.access import accounts, audit, passwords
from callcenter.access.guard import SignedIn, presented, principal_of, public, require
from callcenter.access.login import forget_failures, is_right, sign_in
from callcenter.access.origin import same_origin
from callcenter.access.roles import ACCOUNT_KEEPERS, LEADS, MACHINE_KEEPERS, Role, may_grant
from callcenter.access.schemas import (
    HEX_ID,
    AccountIn,
    AccountMade,
    AccountOut,
    AccountPatch,
    LoginIn,
    MeOut,
    PasswordIn,
    PasswordMade,
    TokenIn,
    TokenMade,
    TokenOut,
)
from callcenter.access.sessions import Principal
from callcenter.access.tables import Account, SessionRow
from callcenter.context import Services, ServicesDep
from callcenter.errors import NotAuthenticated, NotFound, NotPermitted

router = APIRouter(prefix="/api/v1", tags=["access"])

Keeper = Annotated[Principal, Depends(require(*ACCOUNT_KEEPERS))]
Lead = Annotated[Principal, Depends(require(*LEADS))]
MachineKeeper = Annotated[Principal, Depends(require(*MACHINE_KEEPERS))]
Id = Annotated[str, Path(pattern=HEX_ID)]


def address_of(request: Request) -> str:
    """Whose wrong passwords are counted together; behind a trusted proxy the visitor's own."""
    return request.client.host if request.client else ""


@router.post("/session", dependencies=[Depends(public)])
async def log_in(body: LoginIn, request: Request, response: Response, made: ServicesDep) -> MeOut:
    """Sign in: sets the session's cookie."""
    if not same_origin(request.headers, made.settings, absent=True):
        raise NotPermitted("sign in from our own pages")
    agent = request.headers.get("user-agent", "")
    opened = await sign_in(made, body.login, body.password.get_secret_value(), address_of(request), agent)
    earlier = await principal_of(request, made)
    if earlier is not None and earlier.session_kind == "cookie":
        await made.sessions.end(earlier.session_id)  # this browser's cookie is another one from now on
    response.set_cookie(
        made.sessions.cookie_name,
        opened.token,
        max_age=made.settings.session_hours * 3600,
        path="/",
        httponly=True,
        samesite="strict",
        secure=made.settings.cookie_secure,
    )
    who = await made.sessions.resolve(opened.token, "cookie")
    if who is None:
        raise NotAuthenticated("the account went out of service in this moment")
    return MeOut.of(who, made.settings.timezone)


@router.get(
    "/session",
    dependencies=[Depends(public)],
    response_model=MeOut,
    responses={204: {"description": "Nobody is signed in at this browser"}},
)
async def who_am_i(request: Request, made: ServicesDep) -> MeOut | Response:
    """Who is signed in. A browser in which nobody is, or no longer, is told so by 204: our pages ask before anybody can
    have signed in, and that is no error. A bearer token that counts for nothing is refused."""
    who = await principal_of(request, made)
    if who is not None:
        return MeOut.of(who, made.settings.timezone)
    secret = presented(request, made.sessions.cookie_name)
    if secret is not None and secret[1] == "bearer":
        raise NotAuthenticated("this token is not known, or has ended")
    return Response(status_code=204)


@router.delete("/session", status_code=204)
async def log_out(who: SignedIn, request: Request, response: Response, made: ServicesDep) -> None:
    """Sign out; sockets of this session are closed."""
    await made.sessions.end(who.session_id)
    if presented(request, made.sessions.cookie_name) is not None:
        response.delete_cookie(
            made.sessions.cookie_name,
            path="/",
            httponly=True,
            samesite="strict",
            secure=made.settings.cookie_secure,
        )


@router.post("/tokens", status_code=201)
async def make_token(body: TokenIn, who: MachineKeeper, made: ServicesDep) -> TokenMade:
    """A bearer token for a machine. Its secret is in this answer and nowhere else."""
    role = body.role or who.role
    if role is not who.role and who.role is not Role.ADMIN:
        raise NotPermitted("only an administrator makes tokens for another role")
    async with made.db.write() as session:
        token, row = await made.sessions.open(
            session, who.account_id, "bearer", role=role, label=body.label, lifetime=timedelta(days=body.days)
        )
        audit.record(session, made.clock.now(), who.account_id, "token.made", row.id, label=body.label, role=role)
    return TokenMade(token=token, **TokenOut.of(row, who.role).model_dump())


@router.get("/tokens")
async def list_tokens(who: MachineKeeper, made: ServicesDep) -> list[TokenOut]:
    """Machines' tokens, newest first: all for an administrator, one's own for operations."""
    query = (
        select(SessionRow, Account.role)
        .join(Account, Account.id == SessionRow.account_id)
        .where(SessionRow.kind == "bearer", SessionRow.expires_at > made.clock.now())
        .order_by(SessionRow.created_at.desc())
    )
    if who.role is not Role.ADMIN:
        query = query.where(SessionRow.account_id == who.account_id)
    async with made.db.read() as session:
        return [TokenOut.of(row, role) for row, role in await session.execute(query)]


@router.delete("/tokens/{token_id}", status_code=204)
async def revoke_token(token_id: Id, who: MachineKeeper, made: ServicesDep) -> None:
    """End a token at once. One's own for operations, any for an administrator."""
    async with made.db.write() as session:
        query = select(SessionRow).where(SessionRow.id == token_id, SessionRow.kind == "bearer")
        row = (await session.scalars(query)).one_or_none()
        if row is None or (who.role is not Role.ADMIN and row.account_id != who.account_id):
            raise NotFound("no such token")
        ended = await made.sessions.end_within(session, session_id=token_id)
        audit.record(session, made.clock.now(), who.account_id, "token.revoked", token_id, label=row.label)
    made.sessions.tell(ended)


@router.get("/accounts")
async def list_accounts(who: Lead, made: ServicesDep) -> list[AccountOut]:
    """Everybody, in and out of service, by login; the fire drill's accounts are left out."""
    async with made.db.read() as session:
        levels = await accounts.levels(session)
        return [AccountOut.of(account, levels.get(account.id)) for account in await accounts.listed(session)]


@router.get("/accounts/{account_id}")
async def get_account(account_id: Id, who: Lead, made: ServicesDep) -> AccountOut:
    """One account with its queues and skills."""
    async with made.db.read() as session:
        account = await accounts.get(session, account_id)
        return AccountOut.of(account, (await accounts.levels(session, account_id)).get(account_id))


def _new_password(given: SecretStr | None) -> tuple[str, str | None]:
    if given is None:
        made = passwords.generate()
        return made, made
    passwords.check_strength(given.get_secret_value())
    return given.get_secret_value(), None


@router.post("/accounts", status_code=201)
async def create_account(body: AccountIn, who: Keeper, made: ServicesDep) -> AccountMade:
    """Add a person, with extension, queues and seat, in one action."""
    if not may_grant(who.role, body.role):
        raise NotPermitted(f"a {who.role} does not make accounts for the role {body.role}")
    password, shown = _new_password(body.password)
    hashed = await passwords.hash_password(password)
    now = made.clock.now()
    async with made.db.write() as session:
        account = await accounts.create(
            session,
            now,
            login=body.login,
            name=body.name,
            role=body.role,
            password_hash=hashed,
            language=body.language,
            extension=body.extension,
            seat_kind=body.seat_kind,
            queues=body.queues,
            skills=body.skills,
            wrap_up_s=body.wrap_up_s,
        )
        audit.record(session, now, who.account_id, "account.created", account.id, login=account.login, role=body.role)
    await made.account_changed(account.id)
    return AccountMade(account=AccountOut.of(account, (body.queues, body.skills)), password=shown)


@router.patch("/accounts/{account_id}")
async def change_account(account_id: Id, body: AccountPatch, who: Keeper, made: ServicesDep) -> AccountOut:
    """Change an account; taking it out of service, or changing its role, ends its sessions."""
    given = body.model_fields_set
    ended = []
    async with made.db.write() as session:
        account = await accounts.get(session, account_id)
        if not may_grant(who.role, Role(account.role)) or (body.role and not may_grant(who.role, body.role)):
            raise NotPermitted(f"a {who.role} does not change this account")
        loses_admin = body.active is False or (body.role is not None and body.role is not Role.ADMIN)
        if account.role == Role.ADMIN and loses_admin:
            await accounts.keep_an_admin(session, account)
        if body.active is False or (body.role is not None and body.role != account.role):
            ended = await made.sessions.end_within(session, account_id=account_id)
        before = AccountOut.of(account, (await accounts.levels(session, account_id)).get(account_id))
        for field, column in (("name", "display_name"), ("role", "role"), ("language", "language")):
            if getattr(body, field) is not None:
                setattr(account, column, getattr(body, field))
        for field in ("active", "seat_kind"):
            if getattr(body, field) is not None:
                setattr(account, field, getattr(body, field))
        if "wrap_up_s" in given:
            account.wrap_up_s = body.wrap_up_s
        if account.extension is None and (account.role == Role.AGENT or body.queues):
            account.extension = await accounts.free_extension(session)
        await accounts.set_levels(session, account_id, body.queues, body.skills)
        levels = (await accounts.levels(session, account_id)).get(account_id)
        after = AccountOut.of(account, levels)
        changed = audit.changes(before.model_dump(mode="json"), after.model_dump(mode="json"))
        audit.record(session, made.clock.now(), who.account_id, "account.changed", account_id, changes=changed)
    made.sessions.tell(ended)
    await made.account_changed(account_id)
    return after


@router.delete("/accounts/{account_id}", status_code=204)
async def retire_account(account_id: Id, who: Keeper, made: ServicesDep) -> None:
    """Take an account out of service. It is kept, because calls name it; PATCH ``active`` brings it back."""
    await change_account(account_id, AccountPatch(active=False), who, made)


@router.put("/accounts/{account_id}/password", status_code=204)
async def set_password(account_id: Id, body: PasswordIn, who: SignedIn, request: Request, made: ServicesDep) -> None:
    """Change one's own password (``current`` needed) or, as an account keeper, another's; other sessions end.

    Wrong ones count as at the login: whoever finds a page open must not find the password as well.
    """
    own = account_id == who.account_id
    passwords.check_strength(body.password.get_secret_value())
    async with made.db.read() as session:
        if not own and who.role not in ACCOUNT_KEEPERS:
            raise NotPermitted("ask a supervisor to change another's password")
        account = await accounts.get(session, account_id)
    if not own and not may_grant(who.role, Role(account.role)):
        raise NotPermitted(f"a {who.role} does not change this account")
    if own:
        current = body.current.get_secret_value() if body.current else ""
        address = address_of(request)
        if not await is_right(made, account.login, address, account.password_hash, current):
            raise NotPermitted("the current password is wrong")
        async with made.db.write() as session:
            await forget_failures(session, account.login, address)
    await _store_password(account_id, body.password.get_secret_value(), who, made)


@router.post("/accounts/{account_id}/password")
async def reset_password(account_id: Id, who: Keeper, made: ServicesDep) -> PasswordMade:
    """For somebody who has forgotten theirs: a password made here, told this once. All their sessions end."""
    if account_id == who.account_id:
        raise NotPermitted("change your own password with the one you have")
    async with made.db.read() as session:
        role = Role((await accounts.get(session, account_id)).role)
    if not may_grant(who.role, role):
        raise NotPermitted(f"a {who.role} does not change this account")
    password = passwords.generate()
    await _store_password(account_id, password, who, made)
    return PasswordMade(password=password)


async def _store_password(account_id: str, password: str, who: Principal, made: Services) -> None:
    """Other sessions of that account end."""
    hashed = await passwords.hash_password(password)
    own = account_id == who.account_id
    async with made.db.write() as session:
        stored = await accounts.get(session, account_id)
        stored.password_hash = hashed
        ended = await made.sessions.end_within(session, account_id=account_id, keep=who.session_id)
        audit.record(session, made.clock.now(), who.account_id, "account.password_set", account_id, own=own)
    made.sessions.tell(ended)
