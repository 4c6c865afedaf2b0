"""The index by which exports read archived meals: see repositories/mongo/meals.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0008_archive_by_time"


async def apply(db: MongoClient) -> None:
    """Create the index if it is missing."""
    keys = [("user_id", 1), ("logged_at", -1), ("_id", -1)]
    await db.collection("meal_logs_archive").create_index(keys)
