"""Makes a lone mongod the primary of a replica set of one."""

from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

REPLICA_SET = "dietcare"
NOT_YET_INITIALIZED = 94
HELLO_WAIT_MS = 1_000
CALL_TIMEOUT_MS = 10_000

# A mongod whose port has changed asks whoever listens on the old one "are you me?", and waits up
# to a minute for the answer of a stranger. Started with these it does not ask.
ASK_NOBODY = (
    *("--setParameter", "enableTestCommands=1"),
    *("--setParameter", 'failpoint.failIsSelfCheck={"mode":"alwaysOn"}'),
)

Client = AsyncMongoClient[dict[str, Any]]


async def become_primary(port: int, *, asks_nobody: bool = False) -> None:
    """Configure the mongod on 127.0.0.1:`port` if it is new, or has moved to another port, and
    return once it accepts writes. Has no end of its own: bound it.

    Raises:
        pymongo.errors.PyMongoError: it refused.
    """
    host = f"127.0.0.1:{port}"
    client: Client = AsyncMongoClient(
        host, directConnection=True, serverSelectionTimeoutMS=CALL_TIMEOUT_MS
    )
    try:
        if asks_nobody:
            await client.admin.command("configureFailPoint", "failIsSelfCheck", mode="off")
        await _configure(client, host)
        await _primary(client)
    finally:
        await client.close()


async def _configure(client: Client, host: str) -> None:
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": host}]
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    member = config["members"][0]
    if member["host"] != host:
        config["version"] += 1
        config["members"] = [{**member, "host": host}]
        await client.admin.command("replSetReconfig", config, force=True)


async def _primary(client: Client) -> None:
    """Each hello is answered when the state changes: waiting costs no time and no polling."""
    hello = await client.admin.command("hello")
    while not hello["isWritablePrimary"]:
        hello = await client.admin.command(
            "hello", topologyVersion=hello["topologyVersion"], maxAwaitTimeMS=HELLO_WAIT_MS
        )
