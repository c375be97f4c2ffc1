"""What all tests share."""

from hypothesis import HealthCheck, settings

from tests.databases import db, fresh_database, migrated, migrated_template, postgres, postgres_url

__all__ = ["db", "fresh_database", "migrated", "migrated_template", "postgres", "postgres_url"]

# How long an example takes says how busy the machine is.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
