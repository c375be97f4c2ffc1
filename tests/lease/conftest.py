"""A real database, and a real Asterisk for whole processes."""

from tests.asterisk.conftest import switch
from tests.databases import db, migrated

__all__ = ["db", "migrated", "switch"]
