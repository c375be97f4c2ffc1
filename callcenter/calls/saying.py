"""The sounds of what a call is to say, in time: a line must not wait for a speech engine that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Final

import structlog

from callcenter.calls.ports import Prompts
from callcenter.errors import CallCenterError, Unavailable
from callcenter.ivr.messages import Prompt

SPOKEN_WITHIN_S: Final = 2.0
"""How long the caller may hear nothing while words with their own data in them are being spoken."""

_log = structlog.get_logger()


async def sounds_of(prompts: Iterable[Prompt], store: Prompts, within_s: float = SPOKEN_WITHIN_S) -> list[str]:
    """The media of what can be said by then. A name that cannot be spoken is left out, and the caller hears the rest.

    Raises the store's error, or Unavailable, when nothing can be said.
    """
    media: list[str] = []
    failed: CallCenterError | None = None
    until = asyncio.get_running_loop().time() + within_s
    for prompt in prompts:
        try:
            # Sounds that are there are there at once, also when the time is over.
            async with asyncio.timeout_at(until):
                media.append(await store.media(prompt))
        except CallCenterError as error:
            failed = error
        except TimeoutError:
            failed = Unavailable("the speech engine did not speak in time; see CALLCENTER_TTS_COMMAND")
    if failed is not None:
        if not media:
            raise failed
        _log.warning("prompt_left_out", reason=failed.message)  # no words: they hold the caller's data
    return media
