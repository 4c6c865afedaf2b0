"""Whose records an RPC touches, quota, export and erasure, through the whole chain."""

import pytest

from dietcare.v1 import (
    account_pb2,
    goal_pb2,
    meal_pb2,
    quota_pb2,
)


async def test_syntax_is_judged_before_identity(call, other):
    wrong = meal_pb2.GetMealRequest(meal_id="x", user_id=other)
    assert (await call("GetMeal", wrong)).code == "INVALID_ARGUMENT"

    right = meal_pb2.GetMealRequest(meal_id="a" * 24, user_id=other)
    assert (await call("GetMeal", right)).code == "PERMISSION_DENIED"


async def test_clinicians_read_and_do_not_write(call, breakfast, token, user):
    await call("LogMeal", breakfast)
    clinician = token("tool", scope="diet:read")

    read = await call("ListMeals", meal_pb2.ListMealsRequest(user_id=user), auth=clinician)
    assert len(read.message.meals) == 1
    breakfast.user_id = user
    assert (await call("LogMeal", breakfast, auth=clinician)).code == "PERMISSION_DENIED"
    erase = account_pb2.DeleteUserDataRequest(user_id=user)
    assert (await call("DeleteUserData", erase, auth=clinician)).code == "PERMISSION_DENIED"


async def test_quota_costs_nothing_and_tells_all_limits(call, breakfast, analyze):
    await call("LogMeal", breakfast)
    await analyze()

    for _ in range(2):
        quota = (await call("GetQuota", quota_pb2.GetQuotaRequest())).message.quota
        assert (quota.analyses.remaining, quota.meals.remaining) == (9, 49)
        assert (quota.goal_updates.limit, quota.goal_updates.remaining) == (10, 10)


async def test_an_account_is_exported_and_erased(call, breakfast, analyze, user):
    await call("LogMeal", breakfast)
    await analyze()
    await call("UpdateGoals", goal_pb2.UpdateGoalsRequest(ckd_stage=goal_pb2.CKD_STAGE_3))
    export = account_pb2.ExportUserDataRequest(user_id=user)

    records = (await call("ExportUserData", export)).message
    assert [each.WhichOneof("record") for each in records] == [
        "goals",
        "streak",
        "meal",
        "analysis",
    ]

    erased = await call("DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=user))
    assert (erased.message.erased.meals, erased.message.erased.goals) == (1, 1)
    assert (await call("GetGoals")).reason == "GOAL_NOT_FOUND"
    quota = (await call("GetQuota")).message.quota
    assert (quota.analyses.remaining, quota.meals.remaining) == (9, 49)  # limits stay


@pytest.mark.parametrize(
    ("form", "media_type", "begins"),
    [
        (account_pb2.EXPORT_FORMAT_CSV, "text/csv; charset=utf-8", b"\xef\xbb\xbflocal_date,"),
        (account_pb2.EXPORT_FORMAT_FHIR_R4, "application/fhir+json; fhirVersion=4.0", b"{"),
        (account_pb2.EXPORT_FORMAT_FHIR_R5, "application/fhir+json; fhirVersion=5.0", b"{"),
    ],
)
async def test_a_file_comes_in_pieces_with_its_media_type(call, user, form, media_type, begins):
    answer = await call(
        "ExportUserData", account_pb2.ExportUserDataRequest(user_id=user, format=form)
    )

    assert {each.file.content_type for each in answer.message} == {media_type}
    assert b"".join(each.file.data for each in answer.message).startswith(begins)
    assert answer.trailers["content-disposition"].startswith("attachment; filename=")
