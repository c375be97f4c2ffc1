"""What all tests share."""

from tests.databases import db, fresh_database, migrated, migrated_template, postgres, postgres_url

__all__ = ["db", "fresh_database", "migrated", "migrated_template", "postgres", "postgres_url"]
