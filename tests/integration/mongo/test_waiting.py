"""PyMongo keeps its locks, whenever what waits for them is cancelled."""

import asyncio

from pymongo import lock as driver

from dietcare.repositories.mongo.waiting import mend_waiting


async def test_who_is_cancelled_as_its_time_is_up_takes_no_lock_along():
    mend_waiting()
    lock = driver._async_create_lock()
    condition = driver._async_create_condition(lock)
    timed_out = asyncio.Event()

    async def selects():
        async with lock:
            asyncio.get_running_loop().call_later(0.02, timed_out.set)
            await driver._async_cond_wait(condition, 0.01)

    selecting = asyncio.create_task(selects())
    await asyncio.sleep(0)
    async with lock:
        await timed_out.wait()  # by now it waits for the lock
        selecting.cancel()
        await asyncio.sleep(0)
        assert lock.locked(), "it gave back a lock that it did not have"
    await asyncio.gather(selecting, return_exceptions=True)
    assert selecting.cancelled()
    async with asyncio.timeout(5):
        await lock.acquire()
