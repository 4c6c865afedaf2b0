"""The certificate is replaced under load: nobody's call fails, and new connections are shown it."""

import asyncio
import json
from datetime import timedelta

from grpc_health.v1 import health_pb2, health_pb2_grpc

from dietcare.v1 import streak_pb2

PATIENCE_S = 20
SWAPS = 8
NAMES = ("127.0.0.1", "localhost")
QUARTER = timedelta(days=90)
MEAL = json.dumps({"meal_type": "lunch", "foods": [{"name": "현미밥", "portion_g": 210}]}).encode()


class Stream:
    """Calls one after another, each over a connection of its own, until it is told to stop."""

    def __init__(self, call):
        self._call = call
        self._more = True
        self._one = asyncio.Condition()
        self.done = 0

    async def run(self):
        while self._more:
            await self._call()
            async with self._one:
                self.done += 1
                self._one.notify_all()

    async def more(self, count):
        """Wait until so many more calls have been answered."""
        want = self.done + count
        async with asyncio.timeout(PATIENCE_S), self._one:
            await self._one.wait_for(lambda: self.done >= want)

    def stop(self):
        self._more = False


async def streak_over_rest(secured):
    async with secured.http() as http:
        answer = await http.get("/api/diet/streak")
    assert answer.status_code == 200, answer.text


async def streak_over_grpc(secured):
    async with secured.stub() as stub:
        await asked(stub, secured)


async def asked(stub, secured):
    metadata = (("authorization", secured.token),)
    return await stub.GetStreak(streak_pb2.GetStreakRequest(), metadata=metadata)


async def test_no_call_fails_while_the_certificate_is_replaced_again_and_again(secure):
    async with secure() as secured, asyncio.TaskGroup() as group:
        streams = [
            Stream(lambda call=call: call(secured))
            for call in (streak_over_rest, streak_over_grpc)
            for _ in range(2)
        ]
        for each in streams:
            group.create_task(each.run())
        for _ in range(SWAPS):
            issued = secured.mount.put(secured.authority.issue(*NAMES, ends_in=QUARTER))
            assert await secured.serials() == [issued.serial] * 2
            for each in streams:
                await each.more(2)
        for each in streams:
            each.stop()


async def test_what_is_in_flight_and_what_is_kept_open_goes_on(secure):
    async with secure() as secured, secured.http() as kept, secured.stub() as stub:
        assert (await kept.get("/api/diet/streak")).status_code == 200
        await asked(stub, secured)
        half_sent, finish = await begin_meal(secured)
        async with secured.channel() as channel:
            request = health_pb2.HealthCheckRequest()
            watch = health_pb2_grpc.HealthStub(channel).Watch(request)
            serving = await watch.read()

            issued = secured.mount.put(secured.authority.issue(*NAMES, ends_in=QUARTER))
            assert await secured.serials() == [issued.serial] * 2

            assert (await kept.get("/api/diet/streak")).status_code == 200
            await asked(stub, secured)
            finish()
            async with asyncio.timeout(PATIENCE_S):
                assert (await half_sent).startswith(b"HTTP/1.1 201 ")
            assert not watch.done()
            assert serving.status == health_pb2.HealthCheckResponse.SERVING
            watch.cancel()


async def begin_meal(secured):
    """Send half of a meal; gives its answer to come, and what sends the rest."""
    host, _, port = secured.addresses.http.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), ssl=secured.context())
    head = (
        f"POST /api/diet/meals HTTP/1.1\r\nhost: test\r\nauthorization: {secured.token}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(MEAL)}\r\n\r\n"
    )
    writer.write(head.encode() + MEAL[:20])
    await writer.drain()

    async def answer():
        line = await reader.readline()
        writer.close()
        return line

    return answer(), lambda: writer.write(MEAL[20:])


async def test_a_pair_that_does_not_fit_is_not_served_and_drops_nobody(secure, caplog):
    async with secure() as secured:
        first = await secured.serials()
        one, other = (secured.authority.issue(*NAMES, ends_in=QUARTER) for _ in range(2))
        secured.mount.put(type(one)(one.chain, other.key, one.serial))

        assert await secured.serials() == first
        await streak_over_rest(secured)
        await streak_over_grpc(secured)
        said = [each.getMessage() for each in caplog.records if each.name == "gateway.tls"]
        assert len(said) == 1, said
        assert "is not the key of" in said[0]
        assert one.key.splitlines()[1].decode() not in caplog.text

        issued = secured.mount.put(one)
        assert await secured.serials() == [issued.serial] * 2


async def test_metrics_tell_the_end_of_the_certificate_even_where_nobody_connects(secure):
    async with secure() as secured:
        before = await expiry(secured)
        secured.mount.put(secured.authority.issue(*NAMES, ends_in=QUARTER / 2))
        after = await expiry(secured)

        assert abs(before - after - QUARTER.total_seconds() / 2) < 3_600


async def expiry(secured):
    host, _, port = secured.addresses.admin.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /metrics HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
    async with asyncio.timeout(PATIENCE_S):
        text = (await reader.read()).decode()
    writer.close()
    (line,) = (
        each
        for each in text.splitlines()
        if each.startswith("dietcare_tls_certificate_expires_at_seconds ")
    )
    return float(line.split()[1])
