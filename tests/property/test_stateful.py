"""Random lives of a user against the real services on a real mongod, and a naive model beside.

Two apps on one database take turns, as two processes would. Time goes forth and back, the user
travels, and now and then a process dies in the middle of logging a meal.
"""

import asyncio
import os
import random
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import naive_diary
import pytest
import seen_answers
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from pydantic import SecretStr

from dietcare.app import Overrides, build_app
from dietcare.clock import Clock, new_id
from dietcare.domain import calendar
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, Dialysis, GoalChange
from dietcare.domain.meal import MealChange, MealDraft, MealFilter, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.domain.progress import Period
from dietcare.domain.streak import Intent
from dietcare.errors import GoalNotFoundError, MealNotFoundError
from dietcare.settings import Settings

EXAMPLES, STEPS = 25, 30
START = datetime(2024, 2, 27, 3, tzinfo=UTC)  # a leap day is near
ZONES = ("Asia/Seoul", "America/New_York", "Pacific/Kiritimati", "Australia/Lord_Howe")
NUTRIENTS = naive_diary.NUTRIENTS

zones = st.sampled_from(ZONES)
numbers = st.integers(0, 1000)
meal_types = st.sampled_from(list(MealType))
ages = st.sampled_from([0, 10, 300, 1440, 1500, 2880, 4320, 20_000]) | st.integers(0, 6000)
foods = st.lists(
    st.tuples(
        st.sampled_from(["밥", "국", "라면", "김치"]),
        st.fixed_dictionaries(
            {}, optional={n: st.integers(0, 60 if n == "protein_g" else 1500) for n in NUTRIENTS}
        ),
    ),
    min_size=1,
    max_size=3,
)
DEFAULTS = {
    ("3", "none"): (2000, 50, 2000, 800),
    ("1", "none"): (2000, 60, 3500, 1000),
    ("5", "hemodialysis"): (2000, 70, 2000, 1000),
    ("5", "peritoneal"): (2000, 75, 3000, 1000),
}


class SetClock(Clock):
    def __init__(self):
        self.at = START

    def now(self):
        return self.at


class Life(RuleBasedStateMachine):
    """One user's life; `apps` are those that serve it."""

    def __init__(self, run, apps, clock):
        super().__init__()
        self.run, self.apps, self.clock = run, apps, clock
        clock.at = START
        self.user, self.zone = new_id(), ZONES[0]
        self.diary, self.chosen, self.stage = naive_diary.Diary(), {}, None

    def app(self, number):
        return self.apps[number % len(self.apps)]

    @property
    def today(self):
        return calendar.local_date(self.clock.at, self.zone)

    @rule(number=numbers, age=ages, kind=meal_types, eaten=foods, zone=st.none() | zones)
    def log(self, number, age, kind, eaten, zone):
        at = self.clock.at - timedelta(minutes=age)
        draft = MealDraft(kind, served(eaten), logged_at=at, time_zone=zone)
        logged = self.run(self.app(number).services.meals.log(self.user, draft, self.zone))
        meal = naive_diary.Meal(logged.meal.id, kind.value, at, zone or self.zone, eaten)
        self.diary.meals.append(meal)
        self.assert_streak_after(logged)

    @rule(number=numbers, age=ages, eaten=foods)
    def die_while_logging(self, number, age, eaten):
        """What a process leaves behind that was killed after the meal and before the streak."""
        services, stored = self.app(number).services, self.app(number).backend.repositories
        at, zone = self.clock.at - timedelta(minutes=age), self.zone
        draft = MealDraft(MealType.SNACK, served(eaten), logged_at=at)
        meal = self.run(services.meals.log(new_id(), draft, zone)).meal
        intent = Intent(new_id(), self.clock.at)
        self.run(stored.streaks.begin(self.user, intent))
        self.run(stored.meals.erase(meal.user_id))
        self.run(stored.meals.insert(self.user, meal))
        self.diary.meals.append(naive_diary.Meal(meal.id, "snack", at, zone, eaten))

    @precondition(lambda self: self.diary.meals)
    @rule(number=numbers, age=ages, zone=st.none() | zones)
    def move(self, number, age, zone):
        at = self.clock.at - timedelta(minutes=age)
        values = MealDraft(None, (), logged_at=at, time_zone=zone)
        names = {"logged_at"} | ({"time_zone"} if zone else set())
        meal = self.patch(number, names, values)
        meal.logged_at, meal.zone = at, zone or meal.zone

    @precondition(lambda self: self.diary.meals)
    @rule(number=numbers, eaten=foods, kind=meal_types)
    def correct(self, number, eaten, kind):
        if max(meal.logged_at for meal in self.diary.meals) > self.clock.at:
            return  # Time went back: a meal that is still to come is refused.
        values = MealDraft(kind, served(eaten))
        meal = self.patch(number, {"foods", "meal_type"}, values)
        meal.foods, meal.meal_type = eaten, kind.value

    def patch(self, number, names, values):
        meal = self.diary.meals[number % len(self.diary.meals)]
        change = MealChange(frozenset(names), values)
        self.run(self.app(number).services.meals.update(self.user, meal.id, change))
        return meal

    @precondition(lambda self: self.diary.meals)
    @rule(number=numbers)
    def delete(self, number):
        services = self.app(number).services
        meal = self.diary.meals.pop(number % len(self.diary.meals))
        seen = self.run(services.meals.delete(self.user, meal.id, self.zone))
        assert seen_answers.streak(seen) == self.diary.streak(self.today)
        with pytest.raises(MealNotFoundError):
            self.run(services.meals.delete(self.user, meal.id, self.zone))

    @rule(
        number=numbers,
        stage=st.sampled_from(list(DEFAULTS)),
        chosen=st.fixed_dictionaries(
            {}, optional={"sodium_mg": st.integers(500, 3000), "protein_g": st.integers(15, 90)}
        ),
    )
    def set_goals(self, number, stage, chosen):
        change = GoalChange(Nutrients(**chosen), CkdStage(stage[0]), Dialysis(stage[1]))
        self.chosen |= chosen
        amounts = dict(zip(NUTRIENTS, DEFAULTS[stage], strict=True)) | self.chosen
        since = max([self.clock.at, *(version.since for version in self.diary.goals)])
        self.diary.goals.append(naive_diary.GoalVersion(since, amounts, stage[1]))
        found = self.run(self.app(number).services.goals.update(self.user, change))
        assert seen_answers.amounts(found.nutrients) == amounts

    @rule(hours=st.sampled_from([1, 5, 11, 24, 30, 72, -3, -30]))
    def pass_time(self, hours):
        self.clock.at += timedelta(hours=hours, minutes=7)

    @rule(zone=zones)
    def travel(self, zone):
        self.zone = zone

    @rule(number=numbers, back=st.integers(-1, 16))
    def read_progress(self, number, back):
        day, services = self.today - timedelta(back), self.app(number).services
        for period, naive in (
            (Period.DAILY, naive_diary.day_progress),
            (Period.WEEKLY, naive_diary.week_progress),
        ):
            found = self.run(services.progress.get(self.user, day, period, self.zone))
            expected = naive(self.diary, day, self.zone, self.clock.at)
            assert seen_answers.progress(found) == expected

    @rule(number=numbers, size=st.integers(1, 4), kind=st.none() | meal_types)
    def read_list(self, number, size, kind):
        expected = self.diary.listed(kind and kind.value)
        for page in range(1, len(expected) // size + 3):
            asked = self.app(number).services.meals.page(self.user, MealFilter(kind), page, size)
            found = self.run(asked)
            assert [meal.id for meal in found.meals] == expected[(page - 1) * size : page * size]
            assert found.total == len(expected)

    @rule(number=numbers)
    def read_goals(self, number):
        asked = self.app(number).services.goals.get(self.user)
        if self.diary.goals:
            found = self.run(asked)
            assert seen_answers.amounts(found.nutrients) == self.diary.goals[-1].amounts
        else:
            with pytest.raises(GoalNotFoundError):
                self.run(asked)

    @invariant()
    def the_streak_is_that_of_the_meals(self):
        services = self.app(len(self.diary.meals)).services
        seen = self.run(services.streaks.get(self.user, self.zone))
        assert seen_answers.streak(seen) == self.diary.streak(self.today)
        assert self.run(services.streaks.meals_total(self.user)) == len(self.diary.meals)

    def assert_streak_after(self, logged):
        today = calendar.local_date(self.clock.at, logged.meal.time_zone)
        assert seen_answers.streak(logged.streak) == self.diary.streak(today)


def served(eaten):
    return tuple(Food(name, 500, Nutrients(**known)) for name, known in eaten)


def test_every_answer_of_a_random_life_is_that_of_the_naive_model(mongod_uri):
    value = int(os.environ.get("DIETCARE_TEST_SEED", random.randrange(2**32)))  # noqa: S311
    print(f"DIETCARE_TEST_SEED={value}")  # noqa: T201
    clock = SetClock()
    own = Settings(
        _env_file=None,
        mongodb_uri=SecretStr(mongod_uri),
        mongodb_database=f"life_{os.urandom(6).hex()}",
        mongodb_driver="pymongo",
        jwt_secret=SecretStr("s" * 32),
        openai_base_url="http://127.0.0.1:9",
    )
    limits = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=True,
        # A life is made of calls to a database: shrinking one takes minutes. The seed repeats it.
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
    )
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def start():
            overrides = Overrides(clock=clock)
            return [await stack.enter_async_context(build_app(own, overrides)) for _ in range(2)]

        apps = runner.run(start())
        try:
            machine = seed(value)(lambda: Life(runner.run, apps, clock))
            run_state_machine_as_test(machine, settings=limits)
        finally:
            runner.run(stack.aclose())
