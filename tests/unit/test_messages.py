"""Every sentence in Korean and in English, and which of them a client gets."""

import re
from string import Formatter

import pytest

from dietcare.messages import CATALOGUE, Language, language_of, text

HANGUL = re.compile("[가-힣]")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_every_sentence_is_there_in_both_languages_with_the_same_placeholders(key):
    korean, english = CATALOGUE[key]

    assert HANGUL.search(korean)
    assert english
    assert not HANGUL.search(english)
    assert placeholders(korean) == placeholders(english)
    assert all(placeholders(korean)) or not placeholders(korean)


def test_a_sentence_is_written_with_its_values():
    sentence = text("field.range", minimum=15, maximum=200)

    assert sentence.render(Language.EN) == "must be from 15 to 200"
    assert sentence.render(Language.KO) == "15에서 200 사이여야 합니다"
    assert text("error.meal_not_found").render(Language.EN) == "There is no such meal"


def test_a_sentence_without_values_is_written_as_it_is():
    assert text("warning.protein_low").render(Language.KO) == (
        "단백질 섭취가 목표의 80 %에 미치지 못했습니다"
    )


def test_the_seeds_own_sentence():
    assert text("error.analysis_limit").render(Language.KO) == "시간당 분석 한도를 초과했습니다"


@pytest.mark.parametrize(
    ("accept_language", "locale", "language"),
    [
        (None, None, "ko"),
        ("", "", "ko"),
        ("en", None, "en"),
        ("en-US,en;q=0.9", None, "en"),
        ("EN-gb", None, "en"),
        ("en_US", None, "en"),
        ("ko", "en", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", None, "ko"),
        ("en;q=0.8,ko;q=0.9", None, "ko"),
        ("ko;q=0.3, en;q=0.7", None, "en"),
        ("ko;q=0.3 , en ; q=0.7", None, "en"),
        ("en;Q=0.1,ko;Q=0.2", None, "ko"),
        ("en,ko", None, "en"),  # equal: the first
        ("fr-FR,fr;q=0.9,en;q=0.1", None, "en"),
        ("fr,de", None, "ko"),
        ("*", None, "ko"),
        ("en;q=0", None, "ko"),
        ("en;q=0,ko;q=0", None, "ko"),
        ("en;q=nonsense,ko;q=0.1", None, "ko"),
        ("english", None, "ko"),
        (";;,,;q=", None, "ko"),
        (None, "en-US", "en"),
        (None, "en_GB", "en"),
        (None, "ko-KR", "ko"),
        (None, "ja-JP", "ko"),
        ("", "en-US", "en"),
    ],
)
def test_korean_unless_english_is_preferred(accept_language, locale, language):
    assert language_of(accept_language, locale) is Language(language)
