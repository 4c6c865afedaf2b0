"""Analyses as they are stored and read."""

from dataclasses import replace

import pytest

from dietcare.domain.food import Confidence, Food, NutrientSource
from dietcare.domain.nutrients import Nutrients
from dietcare.errors import DatabaseQueryError


@pytest.fixture
def analyses(repositories):
    return repositories.analyses


async def test_a_stored_analysis_is_read_back_as_it_was(analyses, build, user):
    known = Food("배추김치", 40, Nutrients(250, 1, 90, 16), Confidence.HIGH, NutrientSource.MODEL)
    partly = Food("물", 200, Nutrients(sodium_mg=0))
    analysis = build.analysis(user, foods=(known, partly), image_url="https://example.com/food.jpg")
    await analyses.insert(user, analysis)
    assert await analyses.get(user, analysis.id) == analysis


async def test_an_analysis_of_a_picture_that_was_sent_along_has_no_url(analyses, build, user):
    analysis = build.analysis(user)
    await analyses.insert(user, analysis)
    assert (await analyses.get(user, analysis.id)).image_url is None


async def test_an_analysis_without_foods_is_read_back(analyses, build, user):
    analysis = build.analysis(user, foods=())
    await analyses.insert(user, analysis)
    assert await analyses.get(user, analysis.id) == analysis


async def test_an_analysis_that_does_not_exist_is_none(analyses, build, user):
    assert await analyses.get(user, build.id()) is None


async def test_an_id_that_exists_already_is_refused(analyses, build, user):
    analysis = build.analysis(user)
    await analyses.insert(user, analysis)
    with pytest.raises(DatabaseQueryError):
        await analyses.insert(user, replace(analysis, model="another"))
    assert await analyses.get(user, analysis.id) == analysis


async def test_times_come_back_to_the_millisecond(analyses, build, user):
    analysis = build.analysis(user, created_at=build.at.replace(microsecond=999999))
    await analyses.insert(user, analysis)
    stored = (await analyses.get(user, analysis.id)).created_at
    assert stored == build.at.replace(microsecond=999000)


async def test_all_analyses_come_oldest_first(analyses, build, user):
    many = [build.analysis(user, minutes=m) for m in range(4)]
    for index in (2, 0, 3, 1):
        await analyses.insert(user, many[index])
    assert [each async for each in analyses.all(user)] == many


async def test_erasing_deletes_every_analysis_and_says_how_many(analyses, build, user):
    for minute in range(3):
        await analyses.insert(user, build.analysis(user, minutes=minute))
    assert await analyses.erase(user) == 3
    assert [each async for each in analyses.all(user)] == []
    assert await analyses.erase(user) == 0
