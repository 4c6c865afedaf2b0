"""The service's answers in the words of the naive model, so that the two can be compared."""

from typing import Any

from naive_diary import NUTRIENTS


def amounts(nutrients: Any) -> dict[str, float]:
    """Every amount that is known."""
    known = {name: getattr(nutrients, name) for name in NUTRIENTS}
    return {name: amount for name, amount in known.items() if amount is not None}


def day(balance: Any) -> dict[str, Any]:
    """A balance as the naive model writes one."""
    coverage = balance.known.coverage()
    return {
        "meals": balance.meals_logged,
        "consumed": amounts(balance.consumed),
        "goals": amounts(balance.goals),
        "adherence": amounts(balance.adherence),
        "coverage": {} if coverage is None else amounts(coverage),
        "violations": [
            {
                "nutrient": each.nutrient.value,
                "consumed": each.consumed,
                "goal": each.goal,
                "excess": each.excess,
                "percent": each.percent,
                "top": [(food.name, food.amount) for food in each.top_foods],
            }
            for each in balance.violations
        ],
        "warnings": [warning.code for warning in balance.warnings],
    }


def progress(found: Any) -> dict[str, Any]:
    """Progress as the naive model writes it."""
    seen = day(found.balance) | {"source": found.goals_source.value}
    if found.week is None:
        return seen
    days = [day(each.balance) | {"source": found.goals_source.value} for each in found.week.days]
    return seen | {
        "days": days,
        "days_logged": found.week.days_logged,
        "average": amounts(found.week.daily_average),
        "trend": {n: (t.direction.value, t.percent) for n, t in found.week.trend.items()},
    }


def streak(found: Any) -> tuple[Any, ...]:
    """A streak as the naive model writes one."""
    return (
        found.current_streak,
        found.longest_streak,
        found.last_logged_date,
        found.total_days_logged,
    )
