"""How the name of a food may be read: the words that say how much or how good it is left out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dietcare.foods.names import (
    HANGUL,
    english_words,
    inside_brackets,
    key,
    korean_key,
    outside_brackets,
    plain,
)
from dietcare.foods.words import COOKED, DIFFERENT, DIFFERENT_ALONE, NEUTRAL, UNITS

# What each step away from the name as written takes from the score of a match, as a factor.
AS_WRITTEN = 1.0
REWRITTEN = 0.98
BRACKETS_DROPPED = 0.97

LONGEST = 100  # characters: no name of a food is longer

AMOUNT = re.compile(
    rf"(?:\s*약)?(?:\s+(?:반|한|두|세|네|다섯)\s*(?:{UNITS})|\s*\d+(?:[.,/~-]\d+)*\s*(?:{UNITS})"
    rf"|\s+(?:곱빼기|보통|반\s?접시|반\s?개|소량|약간))\s*$"
)
TOPPED = re.compile(
    r"(?:을|를|이|가)?\s+(?:넣은|올린|얹은|곁들인|들어간|뿌린|섞은)\s+|\s+(?:토핑|추가)\s+"
)
AND = re.compile(r"(?:와|과|랑|하고|및)$")
SEVERAL = re.compile(r"[,+&/·]|\s(?:and|with a side of|및)\s")


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a name: its key, in parts of which the last ones may be a dish of their own."""

    parts: tuple[str, ...]
    korean: bool
    weight: float

    @property
    def key(self) -> str:
        return self.last(0)

    def last(self, start: int) -> str:
        """The key of the parts from `start` on."""
        return ("" if self.korean else " ").join(self.parts[start:])

    def first(self, end: int) -> str:
        """The key of the parts before `end`."""
        return ("" if self.korean else " ").join(self.parts[:end])


def readings(name: str) -> Iterator[Reading]:
    """Every way to read `name`, the nearest to what is written first."""
    name = plain(name)
    seen = set()
    if len(name) > LONGEST:
        return
    for written, weight in _versions(name):
        reading = _reading(written, weight)
        if reading.parts and reading.parts not in seen:
            seen.add(reading.parts)
            yield reading


def names_several(name: str) -> bool:
    """Whether it names more than one food: rice and soup, 밥·국."""
    return SEVERAL.search(outside_brackets(plain(name)).replace("_", " ")) is not None


def is_different(modifier: str) -> bool:
    """Whether what stands before a dish makes another one of it."""
    return modifier in DIFFERENT_ALONE or any(word in modifier for word in DIFFERENT)


def _reading(written: str, weight: float) -> Reading:
    if HANGUL.search(written):
        return Reading(tuple(korean_key(written)), True, weight)
    return Reading(tuple(english_words(written)), False, weight)


def _versions(name: str) -> Iterator[tuple[str, float]]:
    yield name, AS_WRITTEN
    inside, outside = inside_brackets(name).strip(), outside_brackets(name).strip()
    if "_" in outside:  # as national tables write it: 김밥_참치
        yield " ".join(reversed(outside.split("_"))), REWRITTEN
    yield from _shorter(outside if not inside else name)
    if inside:
        if HANGUL.search(inside):
            yield f"{inside} {outside}", REWRITTEN
        if not is_different(key(inside)):
            yield outside, BRACKETS_DROPPED
            yield from ((each, BRACKETS_DROPPED) for each, _ in _shorter(outside))


def _shorter(name: str) -> Iterator[tuple[str, float]]:
    """Without amounts and words that change nothing; with cooking where a dish's name has it."""
    kept = TOPPED.sub(" ", AMOUNT.sub("", name))
    words = [word for word in kept.split() if word not in NEUTRAL]
    if words and " ".join(words) != name:
        yield " ".join(words), REWRITTEN
    if len(words) > 1 and words[0] in COOKED:  # 구운 고등어 is 고등어구이
        yield "".join(words[1:]) + COOKED[words[0]], REWRITTEN
    for participle, noun in COOKED.items():  # and 닭가슴살구이 is 구운 닭가슴살
        if kept.endswith(noun):
            yield participle + kept.removesuffix(noun), REWRITTEN
