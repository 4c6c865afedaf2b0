"""Idempotency keys: see dietcare/repositories/mongo/idempotency.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0003_idempotency_keys"

# A key's own `expires_at` decides. The server removes it later, for its clock may be ahead of ours.
KEPT_S = 3_600


async def apply(db: MongoClient) -> None:
    """Create the indexes that are missing."""
    keys = db.collection("idempotency_keys")
    await keys.create_index([("user_id", 1), ("rpc", 1), ("key", 1)], unique=True)
    await keys.create_index([("expires_at", 1)], expireAfterSeconds=KEPT_S)
