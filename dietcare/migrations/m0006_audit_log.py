"""The audit log: see dietcare/repositories/mongo/audit.py."""

from dietcare.repositories.mongo.client import MongoClient

NAME = "0006_audit_log"

TEXT = {"bsonType": "string", "maxLength": 128}
FIELDS = {
    "_id": {"bsonType": "objectId"},
    "user_id": {"bsonType": "objectId"},
    "subject": TEXT,
    "action": TEXT,
    "request_id": TEXT,
    "outcome": {"enum": ["granted", "done", "failed"]},
    "at": {"bsonType": "date"},
}
SCHEMA = {
    "bsonType": "object",
    "required": list(FIELDS),
    "properties": FIELDS,
    "additionalProperties": False,
}


async def apply(db: MongoClient) -> None:
    """Create the index, and with it the collection, and refuse documents of another form."""
    entries = db.collection("audit_log")
    await entries.create_index([("user_id", 1), ("at", 1), ("_id", 1)])
    await entries.require(SCHEMA)
