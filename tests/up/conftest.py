"""A whole copy of the product, and a database for those who bring their own."""

from tests.databases import db, migrated
from tests.support.up import up

__all__ = ["db", "migrated", "up"]
