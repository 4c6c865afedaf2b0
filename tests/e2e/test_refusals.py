"""Every rule of the contract has its refusal over REST and gRPC: all that is wrong is named at
once, nothing is written, and no unit of a limit is spent. The requests are in `refusals`.
"""

import asyncio
import base64
import json
import re
from collections import Counter
from datetime import datetime

import grpc
import pytest
import pytest_asyncio
from bson import ObjectId
from pymongo import AsyncMongoClient
from refusals import CASES
from refusals.requests import METHODS, http_request, message

NOW = "2025-11-27T10:00:00Z"
INVALID = (400, grpc.StatusCode.INVALID_ARGUMENT)
OUTCOMES = {
    "INVALID_ARGUMENT": INVALID,
    "INVALID_MEAL_DATA": INVALID,
    "INVALID_GOAL_RANGE": INVALID,
    "INVALID_IMAGE_URL": INVALID,
    "PERMISSION_DENIED": (403, grpc.StatusCode.PERMISSION_DENIED),
    "MEAL_NOT_FOUND": (404, grpc.StatusCode.NOT_FOUND),
    "GOAL_NOT_FOUND": (404, grpc.StatusCode.NOT_FOUND),
    "IDEMPOTENCY_CONFLICT": (409, grpc.StatusCode.ABORTED),
    "STALE_VERSION": (412, grpc.StatusCode.FAILED_PRECONDITION),
}
NOT_READ = {
    *("rate_limits", "diet_sessions"),  # what they say is asked for as the quota
    "audit_log",  # who was let in to ask is written before what is malformed is seen
}
RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}


async def diary(patient):
    """Two meals, one of them changed, each under the key `used`: what `$…` in a case stands for."""
    keyed, made = {"idempotency-key": "used"}, []
    for note in ("first", "second"):
        body = {"meal_type": "lunch", "foods": [RICE], "note": note}
        answer = await patient.request(
            "POST", "/meals", json=body, headers=keyed if not made else {}
        )
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["meal"]["id"])
    path = f"/meals/{made[0]}"
    answer = await patient.request("PATCH", path, json={"note": "changed"}, headers=keyed)
    assert answer.json()["meal"]["version"] == 2
    page = (await patient.get("/meals", page_size=1)).json()["pagination"]
    return {"meal": made[0], "token": page["next_page_token"]}


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stranger(service, new_patient, photo):
    """Somebody else, with a diary, goals and an analysis."""
    service.clock.at = datetime.fromisoformat(NOW)
    patient = new_patient()
    patient.knows = await diary(patient)
    assert (await patient.put("/goals", {"ckd_stage": "2"})).status_code == 200
    picture = base64.b64encode(photo("bibimbap")).decode()
    answer = await patient.post("/analyze", {"image_data": picture})
    patient.knows["analysis"] = answer.json()["analysis"]["analysis_id"]
    service.clock.at = None
    return patient


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def database(service):
    """What the service has written."""
    settings = service.app.settings
    async with AsyncMongoClient(settings.mongodb_uri.get_secret_value()) as client:
        yield client[settings.mongodb_database]


@pytest.fixture
def everything(database):
    """Reads all that is stored of users, and what is left of their limits."""

    async def read(*patients):
        mine = {"user_id": {"$in": [ObjectId(patient.id) for patient in patients]}}
        names = sorted(set(await database.list_collection_names()) - NOT_READ)
        found = [database[name].find(mine).sort("_id").to_list() for name in names]
        answers = [patient.get("/quota") for patient in patients]
        stored, told = await asyncio.gather(asyncio.gather(*found), asyncio.gather(*answers))
        return dict(zip(names, stored, strict=True)), [each.json()["quota"] for each in told]

    return read


async def over_rest(http, case, caller, names):
    """Send a case as an HTTP request; return its reason and what is said of each field."""
    method, path, body = http_request(case, names)
    headers = [(b"authorization", f"Bearer {caller.token}".encode())]
    headers += [(name.encode(), value.encode()) for name, value in case.headers]
    content = None
    if body is not None:
        headers.append((b"content-type", b"application/json"))
        content = json.dumps(body)
    answer = await http.request(method, path, headers=headers, content=content)
    said = answer.json()
    assert said.keys() == {"error_code", "message", "detail", "request_id"}
    assert answer.status_code == said["error_code"] == OUTCOMES[case.reason][0], said
    assert said["message"]
    assert re.fullmatch(r"req_[0-9a-f]+", said["request_id"])
    fields = said["detail"].get("fields", [])
    return said["detail"]["reason"], [(each["field"], each["message"]) for each in fields]


async def over_grpc(case, caller, names):
    """Send a case as an RPC; return its reason and what is said of each field."""
    refusal = await caller.refused(case.rpc, message(case, names), *case.headers)
    assert refusal.code is OUTCOMES[case.reason][1], refusal
    assert refusal.domain == "dietcare"
    assert refusal.message == refusal.details.message != ""
    assert refusal.details.code == refusal.code.value[0]
    assert refusal.request_id == refusal.trailers["x-request-id"]
    return refusal.reason, refusal.said


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("case", CASES, ids=str)
async def test_what_breaks_a_rule_is_refused_and_changes_nothing(
    case, new_patient, stranger, everything, http, at
):
    at(NOW)
    patient = new_patient()
    mine, theirs = await diary(patient), stranger.knows
    names = {
        "me": patient.id,
        "meal": mine["meal"],
        "mine": mine["token"],
        "stranger": stranger.id,
        "theirs": theirs["meal"],
        "token": theirs["token"],
        "analysis": theirs["analysis"],
        "nothing": "0" * 24,
    }
    if case.goals is not None:
        assert (await patient.put("/goals", case.goals)).status_code == 200
    before = await everything(patient, stranger)
    caller = new_patient(**case.claims) if case.claims else patient

    told = []
    if case.only != "gRPC":
        told.append(await over_rest(http, case, caller, names))
    if case.only != "REST":
        told.append(await over_grpc(case, caller, names))

    for reason, said in told:
        assert reason == case.reason
        assert sorted(field for field, _ in said) == sorted(case.fields)
        assert all(text for _, text in said)
        assert case.says in "".join(text for field, text in said if field in case.fields[:1])
    assert await everything(patient, stranger) == before


def test_every_case_has_a_name_of_its_own():
    assert [name for name, count in Counter(map(str, CASES)).items() if count > 1] == []


@pytest.mark.parametrize("rpc", sorted(METHODS))
def test_every_field_of_every_request_has_its_refusal(rpc):
    fields = set(METHODS[rpc].input_type.fields_by_name)
    if rpc == "UpdateMeal":  # a change is of the fields of a meal, and the mask names them
        fields -= {"meal", "update_mask"}
        fields |= set(METHODS[rpc].input_type.fields_by_name["meal"].message_type.fields_by_name)

    refused = {
        re.split(r"[.\[]", field)[0] for case in CASES if case.rpc == rpc for field in case.fields
    }

    assert fields - refused == set()
