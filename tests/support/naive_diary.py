"""What the service should answer, written as plainly as the rules are and without its code.

Everything is computed from the list of meals and the list of goals, every time.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

NUTRIENTS = ("sodium_mg", "protein_g", "potassium_mg", "phosphorus_mg")
ONE_DAY = timedelta(days=1)


@dataclass
class Meal:
    """`foods` are pairs of a name and the amounts that are known."""

    id: str
    meal_type: str
    logged_at: datetime
    zone: str
    foods: list[tuple[str, dict[str, float]]]

    @property
    def day(self) -> date:
        return self.logged_at.astimezone(ZoneInfo(self.zone)).date()

    def amount(self, nutrient: str) -> float:
        return sum(known.get(nutrient, 0) for _, known in self.foods)


@dataclass
class GoalVersion:
    since: datetime
    amounts: dict[str, float]
    dialysis: str = "none"


@dataclass
class Diary:
    """All that a user has ever said."""

    meals: list[Meal] = field(default_factory=list)
    goals: list[GoalVersion] = field(default_factory=list)

    def listed(self, meal_type: str | None = None) -> list[str]:
        matching = [meal for meal in self.meals if meal_type in (None, meal.meal_type)]
        matching.sort(key=lambda meal: (meal.logged_at, meal.id))
        return [meal.id for meal in reversed(matching)]

    def streak(self, today: date) -> tuple[int, int, date | None, int]:
        return streak({meal.day for meal in self.meals}, today)

    def goals_of(self, day: date, zone: str, now: datetime) -> GoalVersion | None:
        """Those that were there when the day was over, or now if it is not over yet."""
        over = last_moment(day, zone)
        decisive = min(now, over)
        held = None
        for version in self.goals:
            if version.since <= decisive:
                held = version
        return held or (self.goals[0] if self.goals else None)


def streak(days: set[date], today: date) -> tuple[int, int, date | None, int]:
    """Current, longest, last date, number of dates."""
    current, day = 0, today if today in days else today - ONE_DAY
    while day in days:
        current, day = current + 1, day - ONE_DAY
    longest = 0
    for first in days:
        length = 0
        while first + ONE_DAY * length in days:
            length += 1
        longest = max(longest, length)
    return current, longest, max(days, default=None), len(days)


@cache
def last_moment(day: date, zone: str) -> datetime:
    """The last whole minute that belongs to a day, tried one by one, and what is left of it."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=40)
    while at.astimezone(ZoneInfo(zone)).date() > day:
        at -= timedelta(minutes=1)
    return at + timedelta(minutes=1) - timedelta(milliseconds=1)


DEFAULT = GoalVersion(
    datetime(1970, 1, 1, tzinfo=UTC),
    {"sodium_mg": 2000, "protein_g": 50, "potassium_mg": 2000, "phosphorus_mg": 800},
)


def day_progress(diary: Diary, day: date, zone: str, now: datetime) -> dict[str, object]:
    """One day: what was eaten, the goals, what is above them, and what to say of protein."""
    meals = [meal for meal in diary.meals if meal.day == day]
    goals = diary.goals_of(day, zone, now) or DEFAULT
    consumed = {n: sum(meal.amount(n) for meal in meals) for n in NUTRIENTS}
    is_past = day < now.astimezone(ZoneInfo(zone)).date()
    warnings = []
    if is_past and meals and consumed["protein_g"] * 5 < goals.amounts["protein_g"] * 4:
        warnings.append("PROTEIN_LOW")
    return _judged(meals, consumed, goals.amounts, _ceiling(goals)) | {
        "source": "user" if diary.goals else "default",
        "warnings": warnings + _too_much([day], diary, zone, now, consumed["protein_g"]),
    }


def week_progress(diary: Diary, day: date, zone: str, now: datetime) -> dict[str, object]:
    """The seven days that end on `day`."""
    week = [day - ONE_DAY * back for back in range(6, -1, -1)]
    before = [each - ONE_DAY * 7 for each in week]
    days = [day_progress(diary, each, zone, now) for each in week]
    versions = [diary.goals_of(each, zone, now) or DEFAULT for each in week]
    goals = {n: sum(version.amounts[n] for version in versions) for n in NUTRIENTS}
    ceiling = sum(_ceiling(version) for version in versions)
    meals = [meal for meal in diary.meals if meal.day in week]
    consumed = {n: sum(meal.amount(n) for meal in meals) for n in NUTRIENTS}
    logged = len({meal.day for meal in meals})
    meals_before = [meal for meal in diary.meals if meal.day in before]
    logged_before = len({meal.day for meal in meals_before})
    average = {n: round(consumed[n] / logged, 3) if logged else 0 for n in NUTRIENTS}
    return _judged(meals, consumed, goals, ceiling) | {
        "source": "user" if diary.goals else "default",
        "warnings": _too_much(week, diary, zone, now, consumed["protein_g"])
        + [warning for each in days for warning in each["warnings"]],
        "days": days,
        "days_logged": logged,
        "average": average,
        "trend": {
            n: _trend(average[n], sum(meal.amount(n) for meal in meals_before), logged_before)
            for n in NUTRIENTS
        },
    }


def _ceiling(goals: GoalVersion) -> float:
    return goals.amounts["protein_g"] * (1 if goals.dialysis == "none" else 1.25)


def _too_much(
    days: list[date], diary: Diary, zone: str, now: datetime, protein_g: float
) -> list[str]:
    versions = [diary.goals_of(each, zone, now) or DEFAULT for each in days]
    goal = sum(version.amounts["protein_g"] for version in versions)
    ceiling = sum(_ceiling(version) for version in versions)
    return ["PROTEIN_HIGH"] if goal < protein_g <= ceiling else []


def _judged(
    meals: list[Meal], consumed: dict[str, float], goals: dict[str, float], ceiling: float
) -> dict[str, object]:
    ceilings = {**goals, "protein_g": ceiling}
    foods = [food for meal in meals for food in meal.foods]
    known = {n: sum(n in amounts for _, amounts in foods) for n in NUTRIENTS}
    return {
        "meals": len(meals),
        "consumed": consumed,
        "goals": goals,
        "adherence": {n: round(consumed[n] / goals[n] * 100, 1) for n in NUTRIENTS},
        "coverage": {
            n: round(known[n] / len(foods), 3) for n in NUTRIENTS if known[n] < len(foods)
        },
        "violations": [
            {
                "nutrient": n,
                "consumed": consumed[n],
                "goal": goals[n],
                "excess": consumed[n] - goals[n],
                "percent": round(consumed[n] / goals[n] * 100, 1),
                "top": _top(n, foods),
            }
            for n in NUTRIENTS
            if consumed[n] > ceilings[n]
        ],
    }


def _top(nutrient: str, foods: list[tuple[str, dict[str, float]]]) -> list[tuple[str, float]]:
    amounts = {name: 0.0 for name, _ in foods}
    for name, known in foods:
        amounts[name] += known.get(nutrient, 0)
    names = sorted(name for name in amounts if amounts[name] > 0)
    names.sort(key=lambda name: amounts[name], reverse=True)
    return [(name, amounts[name]) for name in names[:3]]


def _trend(average: float, total_before: float, days_before: int) -> tuple[str, float | None]:
    if not days_before or not total_before:
        return ("up" if average > 0 else "flat"), None
    before = round(total_before / days_before, 3)
    percent = round((average - before) / before * 100, 1)
    if -5 <= percent <= 5:
        return "flat", percent
    return ("up" if percent > 0 else "down"), percent
