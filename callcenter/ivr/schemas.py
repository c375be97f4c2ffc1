"""The JSON Schemas of the files of a flows folder, each made of the table that its reader goes by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from callcenter.ivr import hotline_reader, queue_reader
from callcenter.ivr.spec import Schema, flow_schema, hours_schema

SCHEMAS: Final[Mapping[str, Callable[[], Schema]]] = {
    "flow": flow_schema,
    "hotlines": hotline_reader.schema,
    "queues": queue_reader.schema,
    "hours": hours_schema,
}
"""Kind of file → its schema. ``hotlines.yaml``, ``queues.yaml`` and ``hours.yaml`` have one each; every other file
is a flow."""
