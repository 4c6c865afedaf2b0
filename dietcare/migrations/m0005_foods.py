"""Imported rows of the composition table: see dietcare/repositories/mongo/foods.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0005_foods"


async def apply(db: MongoClient) -> None:
    """Create the index if it is missing."""
    await db.collection("foods").create_index([("food_code", 1)], unique=True)
