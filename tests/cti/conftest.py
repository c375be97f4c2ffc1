from __future__ import annotations

from tests.databases import db, migrated
from tests.house import house

__all__ = ["db", "house", "migrated"]
