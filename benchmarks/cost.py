"""What a long history costs: the same calls for a user with 20,000 meals and for one with 200.

`make bench` runs it on an embedded mongod in a temporary directory and prints the medians and their
ratio. Both users have the same fortnight; the long history lies before it. Calls for the two take
turns, so that whatever else the machine does strikes both alike.
"""

import asyncio
import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
from pydantic import SecretStr

from dietcare.api.servicer import Services
from dietcare.app import build_app
from dietcare.clock import new_id
from dietcare.domain.calendar import local_date
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, GoalChange
from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import Meal, MealCursor, MealDraft, MealFilter, MealType, new_meal
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.progress import Period
from dietcare.local.mongod import embedded_mongod, find_mongod
from dietcare.repositories.mongo.meal_documents import meal_document
from dietcare.settings import MongoDriver, Settings

DATABASE = "bench"
LONG, SHORT = 20_000, 200
YEARS_DAYS = 3 * 365
FORTNIGHT_DAYS, FORTNIGHT_MEALS = 14, 196
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "300"))
WARM_UP = 30
RATIO_MAX = 1.3
ZONE = "Asia/Seoul"
FOODS = (
    Food("현미밥", 210, Nutrients(4, 6.5, 86, 120)),
    Food("미역국", 300, Nutrients(720, 5.1, 150, 60)),
    Food("고등어구이", 80, Nutrients(310, 18.5, 260, 190)),
)


@dataclass(frozen=True, slots=True)
class Patient:
    """A user of the benchmark; `middle` is where a page in the middle of the list begins."""

    id: UserId
    middle: MealCursor


Call = Callable[[Patient], Awaitable[object]]


def meals_of(user_id: UserId, number: int, now: datetime) -> list[Meal]:
    """`number` meals: a full fortnight, and the rest over three years before it."""
    spread = timedelta(days=FORTNIGHT_DAYS - 1) / FORTNIGHT_MEALS
    times = [now - timedelta(minutes=1) - spread * each for each in range(FORTNIGHT_MEALS)]
    rest = number - FORTNIGHT_MEALS
    if rest > 0:
        long = timedelta(days=min(YEARS_DAYS, rest)) / rest
        times += [now - timedelta(days=FORTNIGHT_DAYS) - long * each for each in range(rest)]
    types = list(MealType)
    return [
        new_meal(
            MealDraft(types[index % 3], FOODS, logged_at=at),
            meal_id=MealId(new_id()),
            user_id=user_id,
            now=now,
            zone_name=ZONE,
        )
        for index, at in enumerate(times)
    ]


async def seeded(uri: str, services: Services, number: int) -> Patient:
    """A user with goals and `number` meals, whose streak is known."""
    user_id, now = UserId(new_id()), datetime.now(UTC)
    meals = meals_of(user_id, number, now)
    with pymongo.MongoClient[dict[str, Any]](uri) as client:
        collection = client[DATABASE]["meal_logs"]
        collection.insert_many([meal_document(user_id, meal) for meal in meals])
    await services.goals.update(user_id, GoalChange(ckd_stage=CkdStage.THREE))
    await services.streaks.get(user_id, ZONE)
    middle = meals[FORTNIGHT_MEALS // 2]
    return Patient(user_id, MealCursor(middle.logged_at, middle.id))


def calls(services: Services) -> Mapping[str, Call]:
    """What is measured, by name."""
    today = local_date(datetime.now(UTC), ZONE)
    draft = MealDraft(MealType.LUNCH, FOODS)
    everything = MealFilter()
    progress = services.progress
    return {
        "first page": lambda who: services.meals.page(who.id, everything, 1, 20),
        "keyset page": lambda who: services.meals.page_after(who.id, everything, who.middle, 20),
        "daily progress": lambda who: progress.get(who.id, today, Period.DAILY, ZONE),
        "weekly progress": lambda who: progress.get(who.id, today, Period.WEEKLY, ZONE),
        "streak": lambda who: services.streaks.get(who.id, ZONE),
        # The last one, for it makes both users' day longer.
        "log a meal": lambda who: services.meals.log(who.id, draft, ZONE),
    }


async def measured(call: Call, patients: tuple[Patient, Patient]) -> tuple[float, float]:
    """The median time of a call for each of the two, in ms."""
    times: tuple[list[float], list[float]] = ([], [])
    gc.collect()
    for turn in range(WARM_UP + ROUNDS):
        order = (0, 1) if turn % 2 else (1, 0)
        for which in order:
            started = time.perf_counter()
            await call(patients[which])
            if turn >= WARM_UP:
                times[which].append((time.perf_counter() - started) * 1e3)
    return statistics.median(times[0]), statistics.median(times[1])


async def run() -> bool:
    """Print the table; whether every ratio is within its bound."""
    binary = find_mongod()
    if binary is None:
        raise SystemExit("no mongod for this platform")
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dietcare-bench-"))
        uri = await stack.enter_async_context(embedded_mongod(Path(folder), binary))
        settings = Settings(
            mongodb_uri=SecretStr(uri),
            mongodb_database=DATABASE,
            mongodb_driver=MongoDriver.PYMONGO,
            jwt_secret=SecretStr("b" * 40),
            openai_base_url="http://127.0.0.1:9",
        )
        app = await stack.enter_async_context(build_app(settings))
        numbers = (LONG, SHORT)
        long, short = [await seeded(uri, app.services, each) for each in numbers]
        print(f"{'median of ' + str(ROUNDS):<18}{LONG:>8,} meals{SHORT:>8,} meals   ratio")
        good = True
        for name, call in calls(app.services).items():
            of_long, of_short = await measured(call, (long, short))
            ratio = of_long / of_short
            good = good and ratio <= RATIO_MAX
            mark = "" if ratio <= RATIO_MAX else f"  above {RATIO_MAX}"
            print(f"{name:<18}{of_long:>11.3f} ms{of_short:>11.3f} ms{ratio:>8.2f}{mark}")
    return good


if __name__ == "__main__":
    sys.exit(0 if asyncio.run(run()) else 1)
