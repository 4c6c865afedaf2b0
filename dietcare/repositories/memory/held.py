"""How records of a user are erased, from whichever dictionary they are in."""

from collections.abc import Hashable, Mapping, MutableMapping
from typing import Any, TypeVar

from dietcare.repositories.port import Spare

K = TypeVar("K", bound=Hashable)


async def erase_from(records: MutableMapping[K, Any], held: Mapping[K, str], spare: Spare) -> int:
    """Delete what is `held`, but for what is spared, and say how much that was.

    `held` names keys of `records`, each with the id by which it is spared.
    """
    spared = await spare()
    if spared is None:
        return 0
    gone = [name for name, each in held.items() if each not in spared.ids and name in records]
    for name in gone:
        del records[name]
    return len(gone)
