"""One service for all cells of the matrix, with two people who stay as they are."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
import structlog
from isolation.world import Owner, World, open_world


@pytest.fixture(scope="session", autouse=True)
def quiet_logs() -> Iterator[None]:
    """One line each, for failed tests: structlog's own default renders tracebacks for seconds."""
    structlog.configure(processors=[structlog.processors.KeyValueRenderer()])
    yield
    structlog.reset_defaults()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(mongod_uri: str, quiet_logs: None) -> AsyncIterator[World]:
    async with open_world(mongod_uri) as opened:
        yield opened


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def me(world: World) -> Owner:
    """Somebody whose own token is used, and about whom no call may be refused."""
    return await world.new_owner()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stranger(world: World) -> Owner:
    """Somebody whom no call may reach."""
    return await world.new_owner()
