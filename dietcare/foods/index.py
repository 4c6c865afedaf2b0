"""Finds rows of the composition table by name, in less than a millisecond among 20,000."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dietcare.domain.composition import FoodRow
from dietcare.foods.containing import Containing
from dietcare.foods.misspelt import Misspelt
from dietcare.foods.names import is_korean, keys_of
from dietcare.foods.names import key as key_of
from dietcare.foods.readings import AND, Reading, is_different, names_several, readings
from dietcare.foods.spelling import letters
from dietcare.foods.typed import Typed, parted

# From here on a name takes a row's figures: chosen on tests/unit/foods/food_names.csv, where
# docs/foods.md shows what other thresholds would give.
THRESHOLD = 0.88

SOUNDS_ALIKE = 0.96
OTHER_ORDER = 0.97
OF_ANOTHER = 0.9  # the end of a name is another kind of the food that the table means by it
PER_MODIFIER = 0.3  # what a modifier takes from the score where it is the whole of the name
WORDWISE = 0.6  # of the score of a name that contains a word, where it contains the others too
WORDS_MAX = 6
CANDIDATES_MAX = 300  # the shortest names: a search takes less than a millisecond
SHORTEST_END = 2  # syllables, or English words, of a dish that a name may end with


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and how well its name matches what was looked for: above 0, at most 1."""

    row: FoodRow
    score: float


class FoodIndex:
    """An index over groups of rows.

    Where several rows have the same name, those of an earlier group come first, and within a group
    names before aliases before English names, then earlier rows before later ones.
    """

    def __init__(self, *groups: Iterable[FoodRow]) -> None:
        self._rows: dict[str, FoodRow] = {}
        self._names: dict[str, str] = {}
        self._words: set[str] = set()
        for rows in map(tuple, groups):
            for names in (_name, _aliases, _english):
                for row in rows:
                    self._add(row, names(row))
        self._in_other_order = _unambiguous(self._rows)
        self._sounding: dict[str, str] = {}
        for key in self._rows:
            self._sounding.setdefault(letters(key), key)
        self._misspelt = Misspelt(self._rows, self._words)
        self._containing = Containing(self._rows)
        self._typed = Typed(self._rows)

    def _add(self, row: FoodRow, names: Iterable[str]) -> None:
        for name in names:
            for key in keys_of(name):
                self._rows.setdefault(key, row)
                self._words.add(key)
                self._names[row.code] = f"{self._names.get(row.code, '')} {key}"
            self._words.update(keys_of(name.partition("(")[0]))

    def match(self, name: str) -> Found | None:
        """The row whose figures a food of this name takes, or None where none is near enough."""
        found = self.nearest(name)
        return found if found is not None and found.score >= THRESHOLD else None

    def nearest(self, name: str) -> Found | None:
        """The row nearest to a name, however far, if any is near at all."""
        best: Found | None = None
        for reading in readings(name):
            if best is not None and reading.weight <= best.score:
                break
            for found in self._candidates(reading, name):
                if best is None or found.score > best.score:
                    best = found
        return best

    def search(self, query: str, limit: int) -> Sequence[Found]:
        """At most `limit` rows, best first: the nearest one, then those whose names contain it,
        those that contain its words in any order, and those that begin with what is typed of it.
        """
        found: dict[str, Found] = {}
        for each in self._searched(query, limit):
            if len(found) >= limit:
                break
            found.setdefault(each.row.code, each)
        return sorted(found.values(), key=lambda each: -each.score)

    def _searched(self, query: str, limit: int) -> Iterator[Found]:
        begun = [Found(self._rows[key], score) for key, score in self._typed.find(query, limit)]
        if begun and parted(query)[1]:  # in the middle of a syllable: not the name of anything
            yield from begun
            return
        nearest = self.nearest(query)
        if nearest is not None:
            yield nearest
        for reading in readings(query):
            for key, score in self._containing.find(reading.key):
                yield Found(self._rows[key], score * reading.weight)
        yield from self._wordwise(query)
        yield from begun

    def _wordwise(self, query: str) -> Iterator[Found]:
        """Rows whose names contain all words, whatever their order and their languages."""
        words = sorted(
            {key_of(word) for word in query.split()} - {""}, key=lambda word: (len(word), word)
        )
        if not 1 < len(words) <= WORDS_MAX:
            return
        for found, score in islice(self._containing.find(words[-1]), CANDIDATES_MAX):
            row = self._rows[found]
            if all(word in self._names[row.code] for word in words):
                yield Found(row, score * WORDWISE)

    def _candidates(self, reading: Reading, name: str) -> Iterator[Found]:
        key, weight = reading.key, reading.weight
        row = self._rows.get(key)
        if row is not None:
            yield Found(row, weight)
            return
        if names_several(name):
            return
        for other, score in self._similar(reading):
            yield Found(self._rows[other], score * weight)
        ending = self._ending(reading)
        if ending is not None:
            yield Found(ending.row, ending.score * weight)

    def _similar(self, reading: Reading) -> Iterator[tuple[str, float]]:
        key = reading.key
        ordered = self._in_other_order.get(_in_order(key))
        if ordered is not None and not reading.korean:
            yield ordered, OTHER_ORDER
        sounding = self._sounding.get(letters(key))
        if sounding is not None and len(key) > 1:
            yield sounding, SOUNDS_ALIKE
        yield from self._misspelt.find(key)

    def _ending(self, reading: Reading) -> Found | None:
        """The longest dish that the name ends with: what stands before it is a modifier."""
        parts = reading.parts
        for start in range(1, len(parts) - SHORTEST_END + 1):
            ending, modifier = reading.last(start), reading.first(start)
            row = self._rows.get(ending)
            if row is None:
                continue
            if is_different(modifier) or self._is_another_food(modifier):
                return None
            share = len(modifier) / (len(modifier) + len(ending))
            score = 1 - PER_MODIFIER * share
            return Found(row, score * (OF_ANOTHER if _is_one_kind(row, ending) else 1))
        return None

    def _is_another_food(self, modifier: str) -> bool:
        """쌀밥과 미역국 is not a kind of 미역국; 사과파이 is a kind of 파이."""
        without = AND.sub("", modifier)
        return without != modifier and modifier not in self._words and without in self._words


def _name(row: FoodRow) -> Iterable[str]:
    return (row.name,)


def _aliases(row: FoodRow) -> Iterable[str]:
    return row.aliases


def _english(row: FoodRow) -> Iterable[str]:
    return (row.name_en,)


def _is_one_kind(row: FoodRow, ending: str) -> bool:
    """Whether the table means a certain kind by a general name: by 만두, 고기만두."""
    return is_korean(ending) and any(
        key != ending and key.endswith(ending) for key in keys_of(row.name)
    )


def _in_order(key: str) -> str:
    return " ".join(sorted(key.split(" ")))


def _unambiguous(rows: dict[str, FoodRow]) -> dict[str, str]:
    """English keys by their words in order, without those that mean several: milk chocolate."""
    found: dict[str, str] = {}
    ambiguous = set()
    for key, row in rows.items():
        ordered = _in_order(key)
        if " " in key and rows[found.setdefault(ordered, key)] is not row:
            ambiguous.add(ordered)
    return {ordered: key for ordered, key in found.items() if ordered not in ambiguous}
