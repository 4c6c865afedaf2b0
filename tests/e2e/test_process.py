"""The program as operators and developers run it: `python server.py` and the `dietcare` command."""

import asyncio
import base64
import json
import os
import re
import shutil
import signal
import socket
import sys
from urllib.parse import urlsplit

import grpc
import httpx2
import pytest

from dietcare.local.simulator import serve_simulator
from dietcare.v1 import analysis_pb2, service_pb2_grpc

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAMPLE_USER = "507f1f77bcf86cd799439011"
OTHER_USER = "507f1f77bcf86cd799439099"
RICE = {"name": "현미밥", "portion_g": 210, "sodium_mg": 2}


@pytest.fixture(scope="module")
def helpers():
    """The module beside this one that the fixtures come from."""
    return sys.modules["e2e_processes"]


def client(service, token=None):
    headers = {"authorization": f"Bearer {token or service.panel.token}"}
    return httpx2.AsyncClient(
        base_url=service.panel.rest, headers=headers, trust_env=False, timeout=30
    )


def one_line(program):
    """The only line that a failed program printed, on standard error."""
    assert program.out.lines == []
    (line,) = program.err.lines
    return line


def without_mongod(folder):
    """Hides the wheel that brings a mongod; and there is no PATH to find another on."""
    (folder / "hiding" / "fiftyone").mkdir(parents=True)
    (folder / "hiding" / "fiftyone" / "__init__.py").touch()
    return {"PATH": "", "PYTHONPATH": str(folder / "hiding")}


# The panel.


async def test_the_panel_says_where_it_is_and_what_to_paste(running):
    panel = running.panel

    assert panel.storage == "mongodb"
    assert panel.user == SAMPLE_USER
    assert panel.token.count(".") == 2
    assert re.fullmatch(r"127\.0\.0\.1:[0-9]+", panel.grpc)
    assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/api/diet", panel.rest)
    assert panel.docs == panel.rest.replace("/api/diet", "/docs")
    assert len(panel.commands) == 3


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
async def test_the_panels_curl_command_works_as_printed(running, programs):
    (command,) = [line for line in running.panel.commands if line.startswith("curl ")]

    code, called = await programs.run("sh", "-c", command, folder=running.folder)

    assert code == 0, called.err.text
    answer = json.loads(called.out.text)
    assert answer["success"] is True
    assert answer["streak"]["current_streak"] >= 6


async def test_the_panels_grpcurl_command_works_as_printed(running, programs):
    (command,) = [line for line in running.panel.commands if "grpcurl" in line]

    code, called = await programs.run("sh", "-c", command, folder=running.folder)

    assert code == 0, called.err.text
    assert json.loads(called.out.text)["streak"]["current_streak"] >= 6


async def test_the_panels_third_command_opens_the_documentation(running, programs):
    command = running.panel.commands[2]

    # A browser that only says what it would open.
    code, called = await programs.run("sh", "-c", command, folder=running.folder, BROWSER="echo %s")

    assert code == 0, called.err.text
    assert running.panel.docs in called.out.text
    async with client(running) as http:
        assert (await http.get(running.panel.docs)).status_code == 200


async def test_the_sample_user_has_goals_and_a_week_of_meals(running):
    async with client(running) as http:
        meals = (await http.get("/meals", params={"page_size": 100})).json()["meals"]
        goals = (await http.get("/goals")).json()["goals"]

    assert goals["ckd_stage"] == "3"
    of_day = {}
    for meal in meals:
        of_day.setdefault(meal["local_date"], []).append(meal["meal_type"])
    # Today has what its time has come for; just after midnight that is nothing.
    full = [types for types in of_day.values() if len(types) == 4]
    assert len(full) >= 6
    assert all(set(types) == {"breakfast", "lunch", "dinner", "snack"} for types in full)


# Commands beside the running service.


async def test_the_token_command_prints_only_a_token_that_the_service_accepts(running, programs):
    code, printed = await programs.dietcare("token", OTHER_USER, folder=running.folder)

    assert code == 0
    (token,) = printed.out.lines
    assert printed.err.lines == []
    async with client(running, token) as http:
        answer = await http.post("/meals", json={"meal_type": "snack", "foods": [RICE]})
        assert answer.status_code == 201, answer.text
        assert answer.json()["meal"]["user_id"] == OTHER_USER


async def test_the_token_command_knows_scopes_and_time_zones(running, programs):
    code, printed = await programs.dietcare(
        *("token", "clinic", "--scope", "diet:read", "--time-zone", "Europe/Paris", "--ttl", "90s"),
        folder=running.folder,
    )

    assert code == 0
    (token,) = printed.out.lines
    async with client(running, token) as http:
        answer = await http.get("/streak", params={"user_id": SAMPLE_USER})
        assert answer.status_code == 200, answer.text


async def test_the_token_command_says_what_is_wrong(programs):
    wrong = {
        "USER_ID": ("someone",),
        "diet:everything": (OTHER_USER, "--scope", "diet:everything"),
        "Mars": (OTHER_USER, "--time-zone", "Mars"),
        "soon": (OTHER_USER, "--ttl", "soon"),
    }

    ended = await asyncio.gather(
        *(programs.dietcare("token", *each, folder=programs.folder()) for each in wrong.values())
    )

    for word, (code, failed) in zip(wrong, ended, strict=True):
        assert code == 1
        assert word in one_line(failed)


async def test_migrate_works_beside_the_running_service(running, programs):
    for arguments in (("migrate", "--dry-run"), ("migrate",)):
        code, printed = await programs.dietcare(*arguments, folder=running.folder)
        assert code == 0, printed.err.text
        assert printed.out.lines == ["nothing to do: every migration is applied"]


async def test_migrate_works_without_a_service(programs, helpers):
    folder = programs.folder()
    for arguments, said in (
        (("migrate", "--dry-run"), r"(missing \S+\n?)+"),
        (("migrate",), r"(applied \S+\n?)+"),
        (("migrate", "--dry-run"), "nothing to do: every migration is applied"),
    ):
        code, printed = await programs.dietcare(*arguments, folder=folder)
        assert code == 0, printed.err.text
        assert re.fullmatch(said, printed.out.text), printed.out.text


async def test_a_second_service_on_the_same_data_directory_is_refused(running, programs):
    second = await programs.server(running.folder)

    assert await second.ended() == 1
    assert str(running.pid) in one_line(second)
    assert "DIETCARE_DATA_DIR" in one_line(second)
    async with client(running) as http:
        assert (await http.get("/streak")).status_code == 200


# What keeps it from starting.


@pytest.mark.parametrize("variable", ["DIETCARE_GRPC_ADDRESS", "DIETCARE_HTTP_ADDRESS"])
async def test_a_port_in_use_is_one_clear_line(variable, programs, helpers):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        folder = programs.folder()
        failed = await programs.server(folder, **without_mongod(folder), **{variable: address})
        code = await failed.ended()

    assert code == 1
    (line,) = [line for line in failed.err.lines if "no mongod" not in line]
    assert line == (
        f"dietcare: can not listen on {address}: address already in use; free it or set {variable}"
    )


async def test_wrong_settings_are_all_named_at_once(programs):
    folder = programs.folder()
    wrong = {
        "DIETCARE_ENV": "holiday",
        "DIETCARE_GRPC_ADDRESS": "nowhere",
        "DIETCARE_HTTP_ADDRESS": "127.0.0.1:70000",
        "DIETCARE_TIME_ZONE": "Mars/Olympus",
        "DIETCARE_LIMIT_MEALS_PER_DAY": "many",
        "DIETCARE_DEFAULT_CKD_STAGE": "6",
        "DIETCARE_JWT_SECRET": "short",
        "DIETCARE_REDIS_URL": "localhost:6379",
        "DIETCARE_IMAGE_ALLOWED_HOSTS": "images.example.com, https://photos.example.com",
    }

    failed = await programs.server(folder, **wrong)

    assert await failed.ended() == 2
    assert failed.out.lines == []
    for variable in wrong:
        assert f"  {variable}: " in failed.err.text
    assert len(failed.err.lines) == 1 + len(wrong)
    assert "short" not in failed.err.text
    assert list(folder.iterdir()) == []


async def test_production_refuses_what_is_for_development(programs):
    failed = await programs.server(programs.folder(), DIETCARE_ENV="production")

    assert await failed.ended() == 2
    for variable in (
        "DIETCARE_MONGODB_URI",
        "DIETCARE_JWT_SECRET",
        "OPENAI_API_KEY",
        "DIETCARE_ADMIN_ADDRESS",
    ):
        assert f"  {variable}: " in failed.err.text
    code, refused = await programs.dietcare(
        "token",
        SAMPLE_USER,
        folder=programs.folder(),
        DIETCARE_ENV="production",
        DIETCARE_MONGODB_URI="mongodb://db.example/",
        DIETCARE_JWT_SECRET="correct horse battery staple, 42",
        OPENAI_API_KEY="key",
        DIETCARE_ADMIN_ADDRESS="127.0.0.1:9090",
    )
    assert code == 1
    assert "production" in one_line(refused)


# How it ends, and starts again.


async def test_what_was_logged_survives_a_restart_and_both_signals_end_it_cleanly(
    programs, helpers, record_property
):
    folder = programs.folder()
    first = await programs.serve(folder)
    async with client(first) as http:
        answer = await http.post("/meals", json={"meal_type": "snack", "foods": [RICE]})
        logged = answer.json()["meal"]
        days = (await http.get("/streak")).json()["streak"]["total_days_logged"]
        assert days >= 7
    children = first.children()
    assert children, "the embedded mongod is a child"

    assert await first.stop(signal.SIGINT, group=True) == 0
    assert not any(map(helpers.is_alive, children))

    second = await programs.serve(folder)
    times = f"first start {first.started_in_s:.2f} s, second {second.started_in_s:.2f} s"
    print(times)  # noqa: T201 - `pytest -s` shows it
    record_property("first_start_s", first.started_in_s)
    record_property("second_start_s", second.started_in_s)
    # The token of the first run is as good: the secret is kept with the data.
    async with client(second, first.panel.token) as http:
        answer = await http.get(f"/meals/{logged['id']}")
        assert answer.json()["meal"] == logged
        # The sample meals are there once: the second start has added none.
        assert (await http.get("/streak")).json()["streak"]["total_days_logged"] == days
    children = second.children()

    assert await second.stop(signal.SIGTERM) == 0
    assert not any(map(helpers.is_alive, children))
    assert "Traceback" not in first.err.text + second.err.text


async def test_a_killed_service_starts_again_with_everything_it_had_acknowledged(programs, helpers):
    folder = programs.folder()
    killed = await programs.serve(folder)
    async with client(killed) as http:
        answer = await http.post("/meals", json={"meal_type": "snack", "foods": [RICE]})
        logged = answer.json()["meal"]
    children = killed.children()

    assert await killed.stop(signal.SIGKILL) == -signal.SIGKILL
    for child in children:
        await helpers.gone(child)

    again = await programs.serve(folder)
    async with client(again) as http:
        assert (await http.get(f"/meals/{logged['id']}")).json()["meal"] == logged
    assert await again.stop(signal.SIGTERM) == 0


async def test_calls_in_flight_at_sigterm_are_finished(programs, helpers, photo):
    async with serve_simulator() as url:
        simulator = urlsplit(url)
        async with helpers.Valve(simulator.hostname, simulator.port) as vendor:
            service = await programs.serve(
                programs.folder(), OPENAI_BASE_URL=f"http://{vendor.address}/v1"
            )
            async with client(service) as http, channel(service) as stub:
                rest = asyncio.create_task(
                    http.post("/analyze", json={"image_data": _base64(photo("bibimbap"))})
                )
                rpc = asyncio.ensure_future(
                    stub.AnalyzeFood(
                        analysis_pb2.AnalyzeFoodRequest(image_data=photo("kimchi_stew")),
                        metadata=(("authorization", f"Bearer {service.panel.token}"),),
                        timeout=60,
                    )
                )
                await vendor.arrived(2)

                os.kill(service.pid, signal.SIGTERM)
                await service.err.wait_for('"stopping"')
                assert not rest.done()
                vendor.open()

                answer = await rest
                assert answer.status_code == 200, answer.text
                assert answer.json()["analysis"]["foods"][0]["name"] == "비빔밥"
                assert (await rpc).analysis.foods[0].name == "김치찌개"
            assert await service.ended() == 0
    assert "Traceback" not in service.err.text


def channel(service):
    class Stub:
        async def __aenter__(self):
            self.channel = grpc.aio.insecure_channel(service.panel.grpc)
            return service_pb2_grpc.DietCareServiceStub(self.channel)

        async def __aexit__(self, *_):
            await self.channel.close()

    return Stub()


def _base64(data):
    return base64.b64encode(data).decode()


# Other ways to run it, in memory, which is quicker.


async def test_without_any_mongod_it_keeps_everything_in_memory_and_says_so(programs):
    folder = programs.folder()

    service = await programs.serve(folder, **without_mongod(folder))

    assert service.panel.storage == "memory"
    warning = await service.err.wait_for("no mongod")
    assert "LOST" in warning
    assert "DIETCARE_MONGODB_URI" in warning
    assert service.children() == set()
    async with client(service) as http:
        answer = await http.post("/meals", json={"meal_type": "snack", "foods": [RICE]})
        assert answer.status_code == 201, answer.text
    assert await service.stop(signal.SIGTERM) == 0


async def test_settings_move_close_and_loosen_what_is_served(programs, helpers, quiet_port):
    folder, port = programs.folder(), quiet_port()
    service = await programs.serve(
        folder,
        **without_mongod(folder),
        DIETCARE_HTTP_ADDRESS=f"0.0.0.0:{port}",
        DIETCARE_ADMIN_ADDRESS="127.0.0.1:0",
        DIETCARE_REFLECTION="false",
        DIETCARE_GATEWAY_UNKNOWN_FIELDS="ignore",
        DIETCARE_LIMIT_MEALS_PER_DAY="30",
    )
    admin = json.loads(await service.err.wait_for('"ready"'))["admin"]
    host = f"http://127.0.0.1:{port}"

    async with client(service) as http:
        for page in ("/metrics", "/health/detailed"):
            assert (await http.get(host + page)).status_code == 404
            assert (await http.get(f"http://{admin}{page}")).status_code == 200
        for page in ("/livez", "/readyz"):
            assert (await http.get(host + page)).status_code == 200
            assert (await http.get(f"http://{admin}{page}")).status_code == 200
        assert (await http.get(f"http://{admin}/api/diet/streak")).status_code == 404

        # The service's own samples, on every address of the machine.
        image = {"image_url": f"{host}/samples/bibimbap.jpg", "from_a_newer_client": 1}
        answer = await http.post("/analyze", json=image)
        assert answer.status_code == 200, answer.text
        quota = (await http.get("/quota")).json()["quota"]
        assert quota["meals"]["limit"] == 30

    code, listed = await programs.run(
        helpers.BIN / "grpcurl", "-plaintext", service.panel.grpc, "list", folder=folder
    )
    assert code != 0
    assert "does not support the reflection API" in listed.err.text
    assert await service.stop(signal.SIGINT, group=True) == 0


async def test_without_an_http_address_there_is_grpc_alone(programs, helpers):
    folder = programs.folder()

    service = await programs.server(folder, **without_mongod(folder), DIETCARE_HTTP_ADDRESS="")
    await service.out.wait_for(helpers.READY)

    assert "REST" not in service.out.text
    assert "http://" not in service.out.text
    (command,) = [line for line in service.out.lines if "grpcurl" in line]
    code, called = await programs.run("sh", "-c", command, folder=folder)
    assert code == 0, called.err.text
    assert await service.stop(signal.SIGTERM) == 0


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"DIETCARE_DATA_DIR": "/dev/null/here"}, "/dev/null/here can not be used"),
        ({"DIETCARE_MONGODB_URI": "mongodb://127.0.0.1:1/"}, "DIETCARE_MONGODB_URI"),
        ({"DIETCARE_HTTP_ADDRESS": "nowhere.invalid:80"}, "nowhere.invalid:80"),
    ],
)
async def test_what_can_not_be_used_is_one_clear_line(variables, said, programs):
    folder = programs.folder()

    failed = await programs.server(folder, **{**without_mongod(folder), **variables})

    assert await failed.ended() == 1
    lines = [line for line in failed.err.lines if "no mongod" not in line]
    assert len(lines) == 1
    assert said in lines[0]
