"""The collections and indexes of the seed's section 5, and what our own queries need."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0001_initial"


async def apply(db: MongoClient) -> None:
    """Create every index that is missing; a collection comes with its first one."""
    await _of_the_seed(db)
    await _of_ours(db)


async def _of_the_seed(db: MongoClient) -> None:
    sessions = db.collection("diet_sessions")
    await sessions.create_index([("user_id", 1), ("expires_at", -1)])
    await sessions.create_index([("expires_at", 1)], expireAfterSeconds=0)

    await db.collection("diet_goals").create_index([("user_id", 1)], unique=True)

    meals = db.collection("meal_logs")
    await meals.create_index([("user_id", 1), ("logged_at", -1)])
    await meals.create_index([("user_id", 1), ("meal_type", 1), ("logged_at", -1)])
    await meals.create_index([("created_at", -1)])

    analyses = db.collection("nutrition_analyses")
    await analyses.create_index([("user_id", 1), ("created_at", -1)])
    await analyses.create_index([("session_id", 1)])
    await analyses.create_index([("created_at", -1)])

    await db.collection("user_streaks").create_index([("user_id", 1)], unique=True)


async def _of_ours(db: MongoClient) -> None:
    # A user's one open session: see dietcare/repositories/mongo/sessions.py.
    await db.collection("diet_sessions").create_index(
        [("user_id", 1)],
        name="one_open_session",
        unique=True,
        partialFilterExpression={"slot": True},
    )
    history = db.collection("goal_history")
    await history.create_index([("user_id", 1), ("version", 1)], unique=True)

    meals = db.collection("meal_logs")
    # Progress by date, and the streak's days from the index alone.
    await meals.create_index([("user_id", 1), ("local_date", 1)])
    # Pages sort by logged_at and id: with ties in the index, nothing is sorted at query time.
    await meals.create_index([("user_id", 1), ("logged_at", -1), ("_id", -1)])
    await meals.create_index([("user_id", 1), ("meal_type", 1), ("logged_at", -1), ("_id", -1)])
