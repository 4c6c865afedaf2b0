"""Keys that are one letter away from what was written.

Of two names that differ in one letter, either the first or the second half is the same, so both
halves of every key are its addresses, and only keys that share one are compared. The end is a part
of the address, for it must be the same: it says what dish it is, and 김치국 is no misspelt 김치죽.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set

from dietcare.foods.spelling import letters, one_apart

SHORTEST = 7  # letters: below that, one letter makes another food of it
PER_LETTER = 1.5  # what a letter that is wrong takes from the score, as its share of the name

Address = tuple[int, str, str, str]


class Misspelt:
    """An index over keys; `words` are those that name foods, by which names are told apart."""

    def __init__(self, keys: Iterable[str], words: Set[str]) -> None:
        self._words = words
        self._by_address: dict[Address, list[tuple[str, str]]] = defaultdict(list)
        for key in keys:
            spelt = letters(key)
            if len(spelt) >= SHORTEST:
                for address in _addresses(key, spelt, len(spelt)):
                    self._by_address[address].append((key, spelt))

    def find(self, written: str) -> Iterator[tuple[str, float]]:
        """The keys one letter away, each with its score: the shorter, the lower."""
        spelt = letters(written)
        for size in (len(spelt) - 1, len(spelt), len(spelt) + 1):
            for address in _addresses(written, spelt, size) if size >= SHORTEST else ():
                for key, other in self._by_address.get(address, ()):
                    if one_apart(spelt, other) and not self._is_another(written, key):
                        yield key, 1 - PER_LETTER / max(len(spelt), size)

    def _is_another(self, written: str, key: str) -> bool:
        """Whether the letter makes another food: 배추무침 is no misspelt 부추무침."""
        starts = (written[:end] for end in range(2, len(written)))
        return any(start in self._words and not key.startswith(start) for start in starts)


def _addresses(name: str, spelt: str, size: int) -> tuple[Address, Address]:
    """Where names of `size` letters are that have the first or the second half of this one."""
    half, end = size // 2, letters(name[-1])
    return (size, spelt[:half], "", end), (size, "", spelt[half - size :], end)
