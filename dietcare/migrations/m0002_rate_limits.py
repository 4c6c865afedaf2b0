"""Counters of limits: see dietcare/repositories/mongo/counters.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0002_rate_limits"

# A counter decides by its own `expires_at`. The server removes it later, for its clock may be
# ahead of ours, and a counter that is removed early would give its units anew.
KEPT_S = 3_600


async def apply(db: MongoClient) -> None:
    """Create the indexes that are missing."""
    counters = db.collection("rate_limits")
    await counters.create_index([("user_id", 1), ("key", 1)], unique=True)
    await counters.create_index([("expires_at", 1)], expireAfterSeconds=KEPT_S)
