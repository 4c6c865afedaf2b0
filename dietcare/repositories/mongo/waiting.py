"""Lets PyMongo wait on Python 3.11 as it does on later ones."""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any, TypeVar

import pymongo.lock

T = TypeVar("T")


def mend_waiting() -> None:
    """Give PyMongo the `wait_for` of Python 3.12; without effect from there on.

    The one of 3.11 waits in a task of its own. Cancelled in the moment of its timeout, as calls
    that have no time left are while the database is out, it leaves that task behind, which takes
    the lock of the driver's topology and keeps it: nothing is asked of the database any more, and
    closing the client never ends (python/cpython#96764).
    """
    if sys.version_info < (3, 12):
        driver: Any = pymongo.lock
        driver.wait_for = _wait_for


async def _wait_for(waited: Awaitable[T], timeout: float | None) -> T:
    async with asyncio.timeout(timeout):
        return await waited
