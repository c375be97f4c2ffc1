"""What all tests share."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.databases import db, fresh_database, migrated, migrated_template, postgres, postgres_url

__all__ = ["db", "fresh_database", "migrated", "migrated_template", "postgres", "postgres_url"]

# How long an example takes says how busy the machine is. And each change is tried on the same examples: others are for
# who looks for what they find (pytest --hypothesis-profile=explore), not for who comes with something else just then.
_UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", _UNHURRIED)
settings.register_profile("same", _UNHURRIED, derandomize=True)
settings.load_profile("same")

LONGEST_FIRST = (
    "web/test_pages.py",
    "web/test_talk.py",
    "up/test_up.py",
    "roster/test_page.py",
    "drill/test_chaos.py",
    "up/test_spare.py",
    "lease/test_two_machines.py",
    "web/test_office.py",
    "web/test_outside.py",
    "web/test_dial.py",
    "web/test_own_roster.py",
    "watch/test_running.py",
    "ops/test_page.py",
    "restart/test_killed.py",
    "drill/test_drill.py",
    "web/test_prompts.py",
    "messages/test_page.py",
    "messages/test_spoken.py",
    "lease/test_edge.py",
    "outbound/test_callbacks.py",
    "asterisk/test_supervision.py",
)
"""Files that take half a minute and more. A file is one worker's: with one of these at the end, the others idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    place = {here / name: number for number, name in enumerate(LONGEST_FIRST)}
    assert all(path.is_file() for path in place), "a file that was renamed is renamed here too"
    items.sort(key=lambda item: place.get(item.path, len(place)))
