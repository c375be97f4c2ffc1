"""Asking the running service from the command line."""

from __future__ import annotations

import os
from typing import Any

import click
import httpx

from callcenter.settings import load_settings

SERVER_OPTIONS = [
    click.option("--url", envvar="CALLCENTER_URL", help="The running service; else the one of these settings."),
    click.option("--token", envvar="CALLCENTER_TOKEN", help="A token of an operations account."),
]


def ask(url: str | None, token: str | None, method: str, path: str, body: Any) -> Any:
    """The service's JSON answer. Raises ClickException that says what to do."""
    base = url or f"http://{load_settings().http_bind}"
    if not token:
        raise click.ClickException(
            "a token is needed: `callcenter accounts token ops --label …` makes one; set CALLCENTER_TOKEN to it"
        )
    try:
        # The service is ours, on this machine or where --url says: a proxy has no part in it.
        with httpx.Client(base_url=base, timeout=120, trust_env=bool(os.environ.get("CALLCENTER_URL"))) as client:
            answer = client.request(method, path, json=body, headers={"Authorization": f"Bearer {token}"})
    except httpx.HTTPError as error:
        raise click.ClickException(f"{base} does not answer ({error}); is the service up?") from error
    data = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    if answer.is_error:
        error_body = data.get("error", {})
        raise click.ClickException(error_body.get("message") or f"{base} answered {answer.status_code}")
    return data
