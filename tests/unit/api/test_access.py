"""Whose records a call is about is judged once, and what must be known of it is recorded first."""

import pytest

from dietcare.api.interceptors.access import ACCESS, AccessInterceptor, require_declared
from dietcare.auth.caller import Access
from dietcare.domain.audit import Outcome
from dietcare.errors import DatabaseConnectionError, DatabaseQueryError
from dietcare.serving import CONTRACT, SERVICE
from dietcare.v1 import account_pb2, goal_pb2, meal_pb2, service_pb2_grpc, streak_pb2
from gateway import Api, Call, LocalDispatcher

GRANTED, DONE, FAILED = Outcome.GRANTED, Outcome.DONE, Outcome.FAILED
GOALS = goal_pb2.UpdateGoalsRequest(ckd_stage=goal_pb2.CKD_STAGE_3)


class Works(service_pb2_grpc.DietCareServiceServicer):
    """Exports in two steps and erases; `error` is what either ends with."""

    error = None

    async def ExportUserData(self, request, context):  # noqa: N802 - the name of the RPC
        yield account_pb2.ExportUserDataResponse(type=account_pb2.RECORD_TYPE_MEAL)
        if self.error is not None:
            raise self.error
        yield account_pb2.ExportUserDataResponse(type=account_pb2.RECORD_TYPE_MEAL)

    async def DeleteUserData(self, request, context):  # noqa: N802 - the name of the RPC
        if self.error is not None:
            raise self.error
        return account_pb2.DeleteUserDataResponse()


@pytest.fixture
def entries(stored):
    """What is in the log of a user."""

    async def of(user_id):
        return [each async for each in stored.audit.all(user_id)]

    return of


@pytest.fixture
def broken_log(stored, monkeypatch):
    """Lets the log fail with an error from its n-th entry on."""

    def break_it(error, after=0):
        left, append = iter(range(after)), stored.audit.append

        async def failing(user_id, entry):
            if next(left, None) is None:
                raise error
            await append(user_id, entry)

        monkeypatch.setattr(stored.audit, "append", failing)

    return break_it


async def test_a_use_of_a_scope_for_another_user_is_recorded(call, token, entries, other, clock):
    said = {"auth": token("당뇨 clinic", scope="diet:read"), "x_request_id": "r1"}

    await call("GetStreak", streak_pb2.GetStreakRequest(user_id=other.upper()), **said)

    (entry,) = await entries(other)
    assert (entry.subject, entry.user_id, entry.action) == ("당뇨 clinic", other, "GetStreak")
    assert (entry.request_id, entry.outcome, entry.at) == ("r1", GRANTED, clock.now())


async def test_ones_own_calls_are_not_recorded_whatever_the_scope(call, token, entries, user):
    await call("UpdateGoals", GOALS)
    await call("GetGoals", goal_pb2.GetGoalsRequest(user_id=user.upper()))
    await call("GetGoals", auth=token(scope="diet:admin diet:read"))

    assert await entries(user) == []


async def test_what_is_refused_was_no_use(call, token, entries, user, other):
    reader, request = token("clinic", scope="diet:read"), goal_pb2.UpdateGoalsRequest()
    request.user_id = other
    assert (await call("UpdateGoals", request, auth=reader)).code == "PERMISSION_DENIED"
    assert (await call("UpdateGoals", request)).code == "PERMISSION_DENIED"

    assert await entries(other) == await entries(user) == []


@pytest.mark.parametrize("scope", [None, "diet:admin"])
@pytest.mark.parametrize("rpc", ["ExportUserData", "DeleteUserData"])
async def test_an_export_and_an_erasure_are_recorded_before_and_after_ones_own_too(
    call, token, entries, user, rpc, scope
):
    who = user if scope is None else "support"
    request = account_pb2.ExportUserDataRequest(user_id=user)
    if rpc == "DeleteUserData":
        request = account_pb2.DeleteUserDataRequest(user_id=user)

    assert (await call(rpc, request, auth=token(who, scope=scope or ""))).message is not None

    found = [(each.subject, each.action, each.outcome) for each in await entries(user)]
    assert found == [(who, rpc, GRANTED), (who, rpc, DONE)]


@pytest.mark.parametrize("rpc", ["ExportUserData", "DeleteUserData"])
async def test_one_that_fails_is_recorded_as_failed(behind_chain, entries, user, rpc):
    servicer = Works()
    servicer.error = DatabaseQueryError()
    request = account_pb2.DeleteUserDataRequest(user_id=user)
    if rpc == "ExportUserData":
        request = account_pb2.ExportUserDataRequest(user_id=user)

    assert (await (await behind_chain(servicer))(rpc, request)).reason == "DATABASE_ERROR"

    assert [each.outcome for each in await entries(user)] == [GRANTED, FAILED]


async def test_an_export_that_is_left_half_way_is_recorded_as_failed(
    real_chain, token, entries, user
):
    dispatcher = await LocalDispatcher.build(
        lambda server: service_pb2_grpc.add_DietCareServiceServicer_to_server(Works(), server),
        real_chain,
    )
    methods = {each.name: each for each in Api.load(CONTRACT.read_bytes(), [SERVICE]).methods}
    request = account_pb2.ExportUserDataRequest(user_id=user)
    said = (("authorization", f"Bearer {token()}"),)

    stream = dispatcher.stream(Call(methods["ExportUserData"], request, said))
    await anext(aiter(stream))
    await stream.aclose()

    assert [each.outcome for each in await entries(user)] == [GRANTED, FAILED]


@pytest.mark.parametrize("error", [DatabaseConnectionError(), DatabaseQueryError()])
@pytest.mark.parametrize("scope", ["diet:service", "diet:admin"])
async def test_what_can_not_be_recorded_does_not_happen(
    call, token, stored, broken_log, user, breakfast, error, scope
):
    await call("LogMeal", breakfast)
    broken_log(error)
    said = {"auth": token("importer", scope=scope)}

    breakfast.user_id = user
    refused = await call("LogMeal", breakfast, **said)
    shown = await call("ListMeals", meal_pb2.ListMealsRequest(user_id=user), **said)

    assert (refused.reason, shown.reason) == (error.reason, error.reason)
    assert len([each async for each in stored.meals.all(user)]) == 1
    assert (await call("ListMeals")).code == "OK"  # one's own is not held up


async def test_nobody_is_erased_or_exported_unrecorded(call, stored, broken_log, user, breakfast):
    await call("LogMeal", breakfast)
    broken_log(DatabaseConnectionError())

    erased = await call("DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=user))
    exported = await call("ExportUserData", account_pb2.ExportUserDataRequest(user_id=user))

    assert erased.reason == exported.reason == "DATABASE_UNAVAILABLE"
    assert len([each async for each in stored.meals.all(user)]) == 1


async def test_an_erasure_whose_end_can_not_be_recorded_says_so(call, broken_log, user, entries):
    broken_log(DatabaseConnectionError(), after=1)

    erased = await call("DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=user))

    assert erased.reason == "DATABASE_UNAVAILABLE"
    assert [each.outcome for each in await entries(user)] == [GRANTED]


async def test_a_failure_is_told_even_where_it_can_not_be_recorded(behind_chain, broken_log, user):
    servicer = Works()
    servicer.error = DatabaseQueryError()
    call = await behind_chain(servicer)
    broken_log(DatabaseConnectionError(), after=1)

    failed = await call("DeleteUserData", account_pb2.DeleteUserDataRequest(user_id=user))

    assert failed.reason == "DATABASE_ERROR"


async def test_a_replayed_answer_is_a_use_like_the_first(call, token, entries, user, breakfast):
    said = {"auth": token("importer", scope="diet:service"), "idempotency_key": "k"}
    breakfast.user_id = user

    answers = [await call("LogMeal", breakfast, **said) for _ in range(2)]

    assert answers[1].trailers["idempotent-replayed"] == "true"
    assert [each.action for each in await entries(user)] == ["LogMeal", "LogMeal"]


def without(name):
    return {rpc: access for rpc, access in ACCESS.items() if rpc != name}


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (without("GetMeal"), r"GetMeal has no declared access: see \S+\.ACCESS"),
        ({**ACCESS, "GetSecrets": Access.READ}, r"\S+ declares GetSecrets, which is no RPC"),
        ({**ACCESS, "GetMeal": None}, "GetMeal: an access is declared where there is a user_id"),
        ({**ACCESS, "SearchFoods": Access.READ}, "SearchFoods: an access is declared where"),
    ],
)
def test_an_rpc_whose_access_is_not_declared_stops_the_start(table, line):
    with pytest.raises(AssertionError, match=line):
        AccessInterceptor(None, table)
    require_declared(ACCESS)
