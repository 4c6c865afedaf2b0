"""The index by which the goals in force on a day are found: see repositories/mongo/goals.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0004_goal_history_by_time"


async def apply(db: MongoClient) -> None:
    """Create the index if it is missing."""
    keys = [("user_id", 1), ("updated_at", 1), ("version", 1)]
    await db.collection("goal_history").create_index(keys)
