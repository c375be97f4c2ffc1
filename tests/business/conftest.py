from __future__ import annotations

from tests.databases import db, migrated

__all__ = ["db", "migrated"]
