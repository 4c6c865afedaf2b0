"""Keys that contain what was written, the shortest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

BASE, SPAN = 0.5, 0.3  # scores from 0.5 to 0.8 by how much of the key it is


class Containing:
    """An index over keys by their characters and pairs of characters."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._by_gram: dict[str, list[str]] = defaultdict(list)
        for key in sorted(keys, key=lambda each: (len(each), each)):
            for gram in {*key, *_pairs(key)}:
                self._by_gram[gram].append(key)

    def find(self, written: str) -> Iterator[tuple[str, float]]:
        """The keys that contain `written`, each with its score."""
        grams = _pairs(written) or [*written]
        rarest = min((self._by_gram.get(gram, []) for gram in grams), key=len, default=[])
        for key in rarest:
            if written in key:
                yield key, BASE + SPAN * len(written) / len(key)


def _pairs(key: str) -> list[str]:
    return [key[at : at + 2] for at in range(len(key) - 1)]
