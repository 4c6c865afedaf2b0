"""Names brought into one form, so that the same food written in several ways has one key."""

import re
import unicodedata

# Spellings of the same word, as one of them.
SPELLINGS = (
    ("계란", "달걀"),
    ("쇠고기", "소고기"),
    ("야채", "채소"),
    ("까스", "가스"),
    ("까츠", "가스"),
    ("찌게", "찌개"),
    ("자장", "짜장"),
    ("쭈꾸미", "주꾸미"),
    ("오뎅", "어묵"),
    ("후라이", "프라이"),
    ("모짜렐라", "모차렐라"),
    ("소세지", "소시지"),
    ("마늘쫑", "마늘종"),
    ("샤부샤부", "샤브샤브"),
    ("떡볶기", "떡볶이"),
    ("스프", "수프"),
    ("쥬스", "주스"),
    ("초콜렛", "초콜릿"),
    ("케익", "케이크"),
    ("케잌", "케이크"),
    ("도너츠", "도넛"),
    ("도넛츠", "도넛"),
    ("쉐이크", "셰이크"),
    ("메론", "멜론"),
)
BRACKETS = re.compile(r"[(\[（［{〈<]([^)\]）］}〉>]*)[)\]）］}〉>]?")
NO_WORD = re.compile(r"[^0-9a-z가-힣]+")
HANGUL = re.compile(r"[가-힣]")
FINAL_S = 19  # ㅅ among the 28 finals of a syllable
# Between the parts of an English name, without a meaning of their own.
LINKS = frozenset({"a", "an", "the", "with", "and", "of", "in", "style", "korean"})


def is_korean(name: str) -> bool:
    """Whether any of it is written in Hangul."""
    return HANGUL.search(unicodedata.normalize("NFC", name)) is not None


def plain(name: str) -> str:
    """In NFC and compatible forms, lower case."""
    return unicodedata.normalize("NFKC", name).casefold()


def key(name: str) -> str:
    """What is looked up: a Korean name without spaces and marks, an English one word by word."""
    name = plain(name)
    return korean_key(name) if HANGUL.search(name) else " ".join(english_words(name))


def korean_key(name: str) -> str:
    """The name as one word, in one spelling: 계란 찜 is 달걀찜, 순댓국 is 순대국."""
    joined = NO_WORD.sub("", name)
    for written, meant in SPELLINGS:
        if written in joined:
            joined = joined.replace(written, meant)
    if "국" in joined:
        joined = "".join(map(_without_linking_s, joined, joined[1:] + " "))
    return joined


def _without_linking_s(syllable: str, following: str) -> str:
    if following != "국" or not "가" <= syllable <= "힣":
        return syllable
    return chr(ord(syllable) - FINAL_S) if (ord(syllable) - 0xAC00) % 28 == FINAL_S else syllable


def english_words(name: str) -> list[str]:
    """The words that say something, in the singular."""
    words = NO_WORD.sub(" ", name.replace("'", "")).split()
    return [_singular(word) for word in words if word not in LINKS]


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith("ss"):
        return word
    return word[:-2] if word.endswith("oes") else word[:-1]


def outside_brackets(name: str) -> str:
    """The name without what is in brackets."""
    return BRACKETS.sub(" ", name)


def inside_brackets(name: str) -> str:
    """What is in brackets."""
    return " ".join(BRACKETS.findall(name))


def keys_of(name: str) -> list[str]:
    """The keys under which a row's name is found.

    What stands in brackets tells rows apart (raw, boiled), so it is never dropped from a Korean
    name, but may stand before it: 감자(삶은것) is found as 삶은 감자.
    """
    name = plain(name)
    inside, outside = inside_brackets(name), outside_brackets(name)
    found = [key(name)]
    if inside and is_korean(name):
        found.append(key(re.sub("것$", "", inside.strip()) + outside))
    elif not is_korean(name):
        found += [key(outside), key(re.sub(r", raw$", "", outside))]
    return list(dict.fromkeys(each for each in found if each))
