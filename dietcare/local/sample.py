"""One sample user with a week of meals, so that a new installation has something to show."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from dietcare.domain.calendar import days_ending
from dietcare.domain.composition import with_figures
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, GoalChange
from dietcare.domain.ids import UserId
from dietcare.domain.meal import MealDraft, MealFilter, MealType
from dietcare.errors import GoalNotFoundError
from dietcare.foods.builtin import builtin_index
from dietcare.services.goal import GoalService
from dietcare.services.meal import MealService

SAMPLE_USER = UserId("507f1f77bcf86cd799439011")
DAYS = 7

# Their nutrients are the composition table's.
RICE = Food("현미밥", 210)
SOUP = Food("미역국", 300)
FISH = Food("고등어구이", 80)
STEW = Food("된장찌개", 250)
BIBIMBAP = Food("비빔밥", 400)
NOODLES = Food("잔치국수", 450)
APPLE = Food("사과", 150)

DAY = (
    (time(8, 0), MealType.BREAKFAST, ((RICE, SOUP), (RICE, FISH))),
    (time(12, 30), MealType.LUNCH, ((BIBIMBAP,), (NOODLES,), (RICE, STEW))),
    (time(18, 30), MealType.DINNER, ((RICE, FISH), (RICE, SOUP))),
    (time(15, 30), MealType.SNACK, ((APPLE,),)),
)


async def seed(meals: MealService, goals: GoalService, zone_name: str, now: datetime) -> bool:
    """Give the sample user goals and a week of meals; False where there are some already."""
    try:
        await goals.get(SAMPLE_USER)
    except GoalNotFoundError:
        await goals.update(SAMPLE_USER, GoalChange(ckd_stage=CkdStage.THREE))
    if (await meals.page(SAMPLE_USER, MealFilter(), 1, 1)).total:
        return False
    for draft in week(zone_name, now):
        await meals.log(SAMPLE_USER, draft, zone_name)
    return True


def week(zone_name: str, now: datetime) -> list[MealDraft]:
    """The meals of the seven local dates that end today, as far as their time has come."""
    zone = ZoneInfo(zone_name)
    drafts = []
    for index, day in enumerate(days_ending(now.astimezone(zone).date(), DAYS)):
        for at, meal_type, menus in DAY:
            logged_at = datetime.combine(day, at, zone).astimezone(UTC)
            if logged_at <= now:
                foods = tuple(map(_by_the_table, menus[index % len(menus)]))
                drafts.append(MealDraft(meal_type, foods, logged_at=logged_at))
    return drafts


def _by_the_table(food: Food) -> Food:
    """As a client logs it: what only the server says of a food is left out."""
    found = builtin_index().match(food.name)
    if found is None:
        raise AssertionError("the table has every food of the sample")
    return replace(food, nutrients=with_figures(food, found.row).nutrients)
