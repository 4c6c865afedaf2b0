"""Names that begin with what somebody has typed so far, key by key on a Korean keyboard.

What is typed is not yet the name's syllables: on the way to 김치전 it is 김ㅊ, and later 김칮. And
many look things up by first consonants alone: ㄱㅊㅉㄱ is 김치찌개.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from heapq import nsmallest

from dietcare.foods.names import HANGUL, korean_key, plain

BASE, SPAN = 0.3, 0.2  # scores from 0.3 to 0.5, below those of names that contain the syllables
INITIALS_MIN = 2  # one consonant is the start of a syllable

FIRST_SYLLABLE = ord("가")
INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
_VOWELS = "ㅏ ㅐ ㅑ ㅒ ㅓ ㅔ ㅕ ㅖ ㅗ ㅗㅏ ㅗㅐ ㅗㅣ ㅛ ㅜ ㅜㅓ ㅜㅔ ㅜㅣ ㅠ ㅡ ㅡㅣ ㅣ"
_FINALS = """
    ㄱ ㄲ ㄱㅅ ㄴ ㄴㅈ ㄴㅎ ㄷ ㄹ ㄹㄱ ㄹㅁ ㄹㅂ ㄹㅅ ㄹㅌ ㄹㅍ ㄹㅎ
    ㅁ ㅂ ㅂㅅ ㅅ ㅆ ㅇ ㅈ ㅊ ㅋ ㅌ ㅍ ㅎ
"""
VOWELS = _VOWELS.split()
FINALS = ["", *_FINALS.split()]
# Letters that take two keys, where they stand alone.
DOUBLES = dict(
    zip(
        "ㅘㅙㅚㅝㅞㅟㅢㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
        [each for each in (*VOWELS, *FINALS) if len(each) > 1],
        strict=True,
    )
)
UNFINISHED = re.compile(r"(.*?)([ㄱ-ㅣ]+)\s*", re.DOTALL)


class Typed:
    """An index over Korean keys by the keys pressed for them, and by their first consonants."""

    def __init__(self, keys: Iterable[str]) -> None:
        korean = [key for key in keys if HANGUL.search(key)]
        self._pressed = _sorted(korean, pressed)
        self._initials = _sorted(korean, initials)

    def find(self, query: str, limit: int) -> Iterator[tuple[str, float]]:
        """At most `limit` keys, the shortest first, each with its score."""
        head, tail = parted(query)
        typed = pressed((korean_key(plain(head)) if HANGUL.search(head) else "") + tail)
        yield from _begun(self._pressed, typed, limit)
        if not head.strip() and len(tail) >= INITIALS_MIN and set(tail) <= set(INITIALS):
            yield from _begun(self._initials, tail, limit)


def parted(query: str) -> tuple[str, str]:
    """The query, and the letters at its end that make no syllable yet."""
    query = unicodedata.normalize("NFC", query)
    match = UNFINISHED.fullmatch(query)
    return (match[1], match[2]) if match else (query, "")


def pressed(text: str) -> str:
    """The keys that are pressed for a text."""
    return "".join(map(_pressed, text))


def initials(key: str) -> str:
    """The first consonant of each syllable."""
    return "".join(_pressed(each)[0] for each in key)


def _pressed(character: str) -> str:
    if not "가" <= character <= "힣":
        return DOUBLES.get(character, character)
    first, rest = divmod(ord(character) - FIRST_SYLLABLE, len(VOWELS) * len(FINALS))
    vowel, final = divmod(rest, len(FINALS))
    return INITIALS[first] + VOWELS[vowel] + FINALS[final]


def _sorted(keys: Iterable[str], form: Callable[[str], str]) -> list[tuple[str, str]]:
    return sorted((form(key), key) for key in keys)


def _begun(forms: list[tuple[str, str]], start: str, limit: int) -> Iterator[tuple[str, float]]:
    if not start:
        return
    begin, end = bisect_left(forms, (start,)), bisect_left(forms, (start + "\U0010ffff",))
    for form, key in nsmallest(limit, forms[begin:end], key=lambda each: len(each[0])):
        yield key, BASE + SPAN * len(start) / len(form)
