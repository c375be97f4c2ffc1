"""One line a thing that happened, as JSON or for a terminal; with call ids, without customers.

Nothing writes a customer's number on purpose. What a library or an error quotes is masked here all the same: digits
in a row as long as a telephone number's, unless they are part of an id of ours.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from callcenter.settings import Settings

_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z.-])\+?[0-9]{7,15}(?![0-9A-Za-z.-])")
_IDS: Final = frozenset({"call_id", "channel", "timestamp", "key", "error_id"})
MASK: Final = "•••"


def mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A processor of structlog."""
    for name, value in event.items():
        if name not in _IDS:
            event[name] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    match value:
        case str():
            return _NUMBER.sub(MASK, value)
        case list() | tuple():
            return [_masked(one) for one in value]
        case dict():
            return {key: one if key in _IDS else _masked(one) for key, one in value.items()}
        case _:
            return value


def configure(settings: Settings) -> None:
    """Have everything of this process logged to stderr."""
    level = logging.getLevelNamesMapping()[settings.log_level]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[Any] = (
        [structlog.processors.format_exc_info, mask, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if settings.log_format == "json"
        else [structlog.processors.format_exc_info, mask, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    )
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # Libraries log by the standard way; theirs comes out in the same form.
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
