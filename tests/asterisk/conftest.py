"""One real Asterisk for all tests of a file that only look at it or clean up behind themselves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.support.switch import Switch, real_asterisk


@pytest.fixture
async def switch(tmp_path: Path) -> AsyncIterator[Switch]:
    async with real_asterisk(tmp_path) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_switch() -> AsyncIterator[Switch]:
    folder = Path(tempfile.mkdtemp(prefix="callcenter-switch-"))
    try:
        async with real_asterisk(folder) as running:
            yield running
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(loop_scope="module")
async def shared_switch(module_switch: Switch) -> AsyncIterator[Switch]:
    """The file's, with nobody in it; whoever a test that failed has left there is hung up."""
    yield module_switch
    await module_switch.end_all()
