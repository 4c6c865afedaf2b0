"""What mongod logs of every operation while the suite runs: which query, and which plan it took.

The log of the server is used, not a listener in the client, since it also hears of the server
processes that tests start, and tells the plan that was really used, not one explained later.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dietcare.repositories.mongo.client import APP_NAME

# Logs every operation, not only those that are slow.
OPTIONS = ("--slowms", "-1")

# How databases begin that are the server's own, or of tests whose queries are wrong on purpose.
NOT_JUDGED = ("admin", "config", "local", "mutation_")

# Collections that hold nothing of a user.
NOBODYS = {
    "schema_migrations": "which migrations were applied",
    "foods": "what a food is made of, as national tables have it",
}

# Collections of a handful of documents, which are read whole.
SMALL = ("schema_migrations", "erasures")

# Operations that look for nothing.
WITHOUT_QUERY = {
    "hello": "the driver watches the server",
    "ismaster": "the driver watches the server",
    "ping": "health",
    "endSessions": "the driver takes leave",
    "createIndexes": "migrations",
    "collMod": "migrations",
    "insert": "what is inserted names its user: tests/integration/mongo/test_queries.py",
    "getMore": "goes on with a query that was judged when it began",
    "killCursors": "ends a query that was judged when it began",
    "update": "each of its statements is an entry of its own",
    "delete": "each of its statements is an entry of its own",
}


def strays(log: Path, database: str | None = None) -> list[str]:
    """The operations of the service in a mongod's log that name no user, or scanned a collection.

    Those in `database`, or in all but where they are wrong on purpose.
    """
    return [json.dumps(entry) for entry in _entries(log, database) if _is_stray(entry)]


def _entries(log: Path, database: str | None) -> Iterator[dict[str, Any]]:
    with log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if f'"appName":"{APP_NAME}"' in line and '"msg":"Slow query"' in line:
                entry = json.loads(line)["attr"]
                found = entry["ns"].partition(".")[0]
                if found == database if database else not found.startswith(NOT_JUDGED):
                    yield entry


def _is_stray(entry: dict[str, Any]) -> bool:
    collection = entry["ns"].partition(".")[2]
    if "COLLSCAN" in entry.get("planSummary", "") and collection not in SMALL:
        return True
    command = entry["command"]
    if collection in NOBODYS or _looks_after_erasures(collection, command):
        return False
    return next(iter(command)) not in WITHOUT_QUERY and not _names_a_user(command)


def _looks_after_erasures(collection: str, command: dict[str, Any]) -> bool:
    """Every process reads who is being erased, whoever that is."""
    return collection == "erasures" and command.get("filter") == {}


def _names_a_user(command: dict[str, Any]) -> bool:
    for name in ("q", "filter", "query"):
        if name in command:
            return "user_id" in command[name]
    stages = command.get("pipeline")
    return bool(stages) and "user_id" in stages[0].get("$match", {})
