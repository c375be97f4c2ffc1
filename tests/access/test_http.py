"""Errors have one shape and tell strangers nothing; answers carry what browsers need; bodies have a limit."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from callcenter.access.roles import Role
from callcenter.errors import Unavailable
from tests.house import House


async def test_every_kind_of_error_has_the_same_shape(house: House) -> None:
    client, _ = await house.signed_in(Role.AGENT)
    answers = {
        404: await client.get("/api/v1/nowhere"),
        405: await client.put("/api/v1/session"),
        422: await client.post("/api/v1/session", content=b"{broken", headers={"Content-Type": "application/json"}),
        403: await client.get("/api/v1/accounts"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status, answer.text
        assert set(answer.json()["error"]) == {"code", "message", "details"}


async def test_a_validation_error_names_the_field_and_never_repeats_the_value(house: House) -> None:
    client = await house.client()
    answer = await client.post("/api/v1/session", json={"login": "wang", "password": {"secret": "word"}})
    assert answer.json()["error"]["details"]["fields"][0]["field"] == "body.password"
    assert "word" not in answer.text.replace("password", "")


async def test_a_crash_gives_a_number_to_quote_and_no_traceback(house: House) -> None:
    @house.app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("inner secret")

    @house.app.get("/away")
    async def away() -> None:
        raise Unavailable("the database does not answer")

    client = await house.client()
    answer = await client.get("/crash")
    assert answer.status_code == 500 and "inner secret" not in answer.text and "Traceback" not in answer.text
    assert len(answer.json()["error"]["details"]["id"]) == 16
    assert (await client.get("/away")).status_code == 503


async def test_what_no_column_takes_is_the_requests_mistake_and_stays_out_of_the_log(house: House) -> None:
    lead, _ = await house.signed_in(Role.LEAD)
    for answer in (
        await lead.post("/api/v1/customers", json={"name": "Wang\0"}),
        await lead.get("/api/v1/contacts", params={"queue": "\0"}),
        await lead.post("/api/v1/session", json={"login": "wang\0", "password": "x"}),
    ):
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    odd = b'{"login": "wang", "password": "\\ud800"}'
    refused = await lead.post("/api/v1/session", content=odd, headers={"Content-Type": "application/json"})
    assert refused.status_code == 401
    for day in ("0001-01-01", "9999-12-31"):
        assert (await lead.get("/api/v1/roster/adherence", params={"day": day})).status_code == 422
    with pytest.raises(DBAPIError) as failed:
        async with house.db.write() as session:
            await session.execute(text("SELECT 1 / :zero, :name"), {"zero": 0, "name": "Wang"})
    assert "Wang" not in str(failed.value)


async def test_answers_tell_browsers_to_keep_to_our_own_origin(house: House) -> None:
    client = await house.client()
    headers = (await client.get("/api/v1/session")).headers
    policy = headers["content-security-policy"]
    assert "script-src 'self';" in policy and "frame-ancestors 'none'" in policy
    assert "connect-src 'self' ws://127.0.0.1:8088" in policy
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")


async def test_a_body_over_the_limit_is_refused_whether_announced_or_not(house: House) -> None:
    client = await house.client()
    big = b'{"login": "' + b"x" * (1 << 20) + b'"}'
    announced = await client.post("/api/v1/session", content=big, headers={"Content-Type": "application/json"})

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 65536):
            yield big[start : start + 65536]

    streamed = await client.post("/api/v1/session", content=pieces(), headers={"Content-Type": "application/json"})
    assert (announced.status_code, streamed.status_code) == (413, 413)
    assert announced.json()["error"]["code"] == streamed.json()["error"]["code"] == "too_large"
