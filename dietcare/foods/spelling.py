"""How near two spellings are, letter by letter, those that sound alike taken for the same."""

import unicodedata
from functools import lru_cache

# Conjoining letters that people mistake for each other, as one of them. Aspirates stay: 콩 and 공,
# 팥 and 밭 are different things.
ALIKE = str.maketrans(
    {
        **dict(zip("ᄁᄄᄈᄊᄍ", "ᄀᄃᄇᄉᄌ", strict=True)),  # ㄲ ㄸ ㅃ ㅆ ㅉ
        **dict.fromkeys("ᅦᅤᅨ", "ᅢ"),  # ㅔ ㅒ ㅖ as ㅐ
        **dict.fromkeys("ᅬᅰ", "ᅫ"),  # ㅚ ㅞ as ㅙ
        "ᆩ": "ᆨ",  # a final ㄲ as ㄱ
        "ᆻ": "ᆺ",  # a final ㅆ as ㅅ
    }
)


@lru_cache(maxsize=4_096)
def _letters(character: str) -> str:
    return unicodedata.normalize("NFD", character).translate(ALIKE)


def letters(key: str) -> str:
    """The letters of a key, those that sound alike the same: 떡뽁이 is 떡볶이."""
    return "".join(map(_letters, key))


def one_apart(one: str, other: str) -> bool:
    """Whether one letter inserted, left out or replaced makes one of the other."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    at = next((i for i, letter in enumerate(one) if letter != other[i]), len(one))
    skip = 1 if len(one) == len(other) else 0
    return one[at + skip :] == other[at + 1 :]
