"""The vision model behind any OpenAI-compatible endpoint, through OpenAI's own SDK.

Importing this module costs about a second: the composition root does so only where it is used.
"""

import asyncio
import base64
import ipaddress
import logging
import random
import time
from collections.abc import Callable
from typing import Any

import httpx2
import openai
from openai.types.chat import ChatCompletionMessageParam

from dietcare.errors import OpenAIAPIError
from dietcare.vision.answer import (
    ImpossibleAnswerError,
    UnusableAnswerError,
    answer_schema,
    parse_answer,
)
from dietcare.vision.port import Picture, Sighting, VisionModel
from dietcare.vision.prompt import AGAIN, PROMPT_VERSION, QUESTION, SYSTEM
from dietcare.vision.reply import Reply, read_reply

TOTAL_TIMEOUT_S = 20.0  # retries and pauses included
CONNECT_TIMEOUT_S = 5.0
MAX_ANSWER_TOKENS = 8_000  # fifty foods take about 4,000; models that reason spend some as well
PAUSE_S = (0.2, 0.8)
PING_TIMEOUT_S = 2.0
PING_EVERY_S = 10.0  # whoever polls our health must not flood the vendor
RETRYABLE_STATUS = frozenset({408, 409, 429})

logger = logging.getLogger(__name__)


class OpenAIVisionModel(VisionModel):
    """Asks `model` at `base_url` (None: OpenAI's own). Close it with `aclose`.

    A call takes at most `timeout_s`; within that it is repeated once after a passing failure, and
    once after an answer with impossible numbers. `jitter` picks the pause before a repetition.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        timeout_s: float = TOTAL_TIMEOUT_S,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._jitter = jitter
        self._ask_again_at = 0.0
        self._answers = False
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,  # its own retries know no total
            http_client=openai.DefaultAsyncHttpxClient(
                timeout=httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
                follow_redirects=False,  # a patient's photo goes nowhere else
                trust_env=not _is_loopback(base_url),  # no proxy leads to our own machine
            ),
        )

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def ping(self) -> bool:
        """Whether the endpoint lists its models, asked at most once in 10 s."""
        now = time.monotonic()
        if now >= self._ask_again_at:
            self._ask_again_at = now + PING_EVERY_S
            self._answers = await self._lists_models()
        return self._answers

    async def _lists_models(self) -> bool:
        try:
            async with asyncio.timeout(PING_TIMEOUT_S):
                await self._client.models.list()
        except Exception as error:
            self._log(error)
            return False
        return True

    async def look(self, picture: Picture) -> Sighting:
        """Name the foods, their portions and nutrients.

        Raises:
            OpenAIAPIError: the model did not answer in time, or with nothing usable.
        """
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                return await self._look(picture, started)
        except Exception as error:  # odd replies come out of the SDK as TypeError and the like
            self._log(error)
        # Outside the handlers: a driver's text must not even be attached.
        raise OpenAIAPIError

    async def _look(self, picture: Picture, started: float) -> Sighting:
        messages = _messages(picture)
        reply = await self._ask(messages)
        tokens = reply.tokens
        try:
            foods = parse_answer(reply.content)
        except ImpossibleAnswerError:
            reply = await self._ask([*messages, {"role": "user", "content": AGAIN}])
            tokens += reply.tokens
            foods = parse_answer(reply.content)
        return Sighting(
            foods=foods,
            model=reply.model or self._model,
            prompt_version=PROMPT_VERSION,
            latency_ms=round((time.monotonic() - started) * 1000),
            tokens=tokens,
        )

    async def _ask(self, messages: list[ChatCompletionMessageParam]) -> Reply:
        try:
            return await self._request(messages)
        except openai.APIError as error:
            if not _is_passing(error):
                raise
        await asyncio.sleep(self._jitter(*PAUSE_S))
        return await self._request(messages)

    async def _request(self, messages: list[ChatCompletionMessageParam]) -> Reply:
        completion: Any = await self._client.chat.completions.create(
            model=self._model,
            messages=messages,
            max_completion_tokens=MAX_ANSWER_TOKENS,
            store=False,  # photos of patients
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "meal", "strict": True, "schema": answer_schema()},
            },
        )
        return read_reply(completion)

    def _log(self, error: Exception) -> None:
        """Say what failed by kind and status alone: others' texts may hold keys and addresses."""
        cause = type(error).__name__
        if isinstance(error, openai.APIStatusError):
            cause = f"{cause}, status {error.status_code}"
        elif isinstance(error, ImpossibleAnswerError | UnusableAnswerError):
            cause = f"{cause}, {error}"
        logger.warning("vision call failed: %s", cause)


def _messages(picture: Picture) -> list[ChatCompletionMessageParam]:
    data = base64.b64encode(picture.jpeg).decode("ascii")
    return [
        {"role": "system", "content": SYSTEM},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": QUESTION},
                {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}},
            ],
        },
    ]


def _is_passing(error: openai.APIError) -> bool:
    if isinstance(error, openai.APIStatusError):
        return error.status_code >= 500 or error.status_code in RETRYABLE_STATUS
    return isinstance(error, openai.APIConnectionError)


def _is_loopback(base_url: str | None) -> bool:
    host = httpx2.URL(base_url).host if base_url else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
