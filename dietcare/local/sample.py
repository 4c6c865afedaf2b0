"""One sample user with a week of meals, so that a new installation has something to show."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from dietcare.domain.calendar import days_ending
from dietcare.domain.food import Food
from dietcare.domain.goal import CkdStage, GoalChange
from dietcare.domain.ids import UserId
from dietcare.domain.meal import MealDraft, MealFilter, MealType
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import GoalNotFoundError
from dietcare.services.goal import GoalService
from dietcare.services.meal import MealService

SAMPLE_USER = UserId("507f1f77bcf86cd799439011")
DAYS = 7

# Per portion: sodium mg, protein g, potassium mg, phosphorus mg. From Korea's national food
# composition table (MFDS, 2023-12-27), scaled to the portion and rounded.
RICE = Food("현미밥", 210, Nutrients(4, 6.5, 86, 120))
SOUP = Food("미역국", 300, Nutrients(720, 5.1, 150, 60))
FISH = Food("고등어구이", 80, Nutrients(310, 18.5, 260, 190))
STEW = Food("된장찌개", 250, Nutrients(890, 9.8, 380, 140))
BIBIMBAP = Food("비빔밥", 400, Nutrients(900, 15.6, 560, 240))
NOODLES = Food("잔치국수", 450, Nutrients(1450, 13.5, 290, 150))
APPLE = Food("사과", 150, Nutrients(2, 0.3, 160, 15))

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
                drafts.append(MealDraft(meal_type, menus[index % len(menus)], logged_at=logged_at))
    return drafts
