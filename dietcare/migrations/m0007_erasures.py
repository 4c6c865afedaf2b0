"""Erasures that go on, or ended a moment ago: see dietcare/repositories/mongo/erasures.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0007_erasures"


async def apply(db: MongoClient) -> None:
    """Create the indexes that are missing."""
    await db.collection("erasures").create_index([("user_id", 1)], unique=True)
    # An erasure looks for the user's meals there too, whoever moves them there, and when.
    await db.collection("meal_logs_archive").create_index([("user_id", 1), ("logged_at", -1)])
