"""The vision model behind any OpenAI-compatible endpoint, through OpenAI's own SDK.

Importing this module costs about a second: the composition root does so only where it is used.
"""

import asyncio
import ipaddress
import logging
import time
from typing import Any

import httpx2
import openai

from dietcare.errors import OpenAIAPIError
from dietcare.vision.answer import ImpossibleAnswerError, answer_schema, parse_answer
from dietcare.vision.bounded import bound_reply
from dietcare.vision.failure import cause_of, failure_of
from dietcare.vision.port import ImpossibleSightingError, Picture, Sighting, VisionModel
from dietcare.vision.prompt import PROMPT_VERSION
from dietcare.vision.question import Detail, messages
from dietcare.vision.reply import Reply, read_reply

TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 5.0
MAX_ANSWER_TOKENS = 8_000  # fifty foods take about 4,000; models that reason spend some as well
PING_TIMEOUT_S = 2.0
PING_EVERY_S = 10.0  # whoever polls our health must not flood the vendor

logger = logging.getLogger(__name__)


class OpenAIVisionModel(VisionModel):
    """Asks `model` at `base_url` (None: OpenAI's own), once, within `timeout_s` seconds.

    `detail` is how closely it shall look, in OpenAI's words. Close it with `aclose`.
    """

    def __init__(
        self,
        *,
        api_key: str,
        model: str,
        base_url: str | None = None,
        timeout_s: float = TIMEOUT_S,
        detail: Detail = "high",
    ) -> None:
        self._model = model
        self._timeout_s = timeout_s
        self._detail = detail
        self._ask_again_at = 0.0
        self._answers = False
        self._client = openai.AsyncOpenAI(
            api_key=api_key,
            base_url=base_url,
            max_retries=0,  # its own retries know no total
            http_client=openai.DefaultAsyncHttpxClient(
                timeout=httpx2.Timeout(timeout_s, connect=CONNECT_TIMEOUT_S),
                event_hooks={"response": [bound_reply]},
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
            UnansweredError: the model did not answer in time, or said that it can not now.
            ImpossibleSightingError: its numbers can not be true.
            OpenAIAPIError: it refused, or its answer is no use.
        """
        started, tokens = time.monotonic(), 0
        failure: OpenAIAPIError
        try:
            async with asyncio.timeout(self._timeout_s):
                reply = await self._ask(picture)
            tokens = reply.tokens
            foods = parse_answer(reply.content)
        except ImpossibleAnswerError as error:
            self._log(error)
            failure = ImpossibleSightingError(tokens)
        except Exception as error:  # odd replies come out of the SDK as TypeError and the like
            self._log(error)
            failure = failure_of(error)
        else:
            return Sighting(
                foods=foods,
                model=reply.model or self._model,
                prompt_version=PROMPT_VERSION,
                latency_ms=round((time.monotonic() - started) * 1000),
                tokens=tokens,
            )
        # Outside the handlers: a driver's text must not even be attached.
        raise failure

    async def _ask(self, picture: Picture) -> Reply:
        completion: Any = await self._client.chat.completions.create(
            model=self._model,
            messages=messages(picture, self._detail),
            max_completion_tokens=MAX_ANSWER_TOKENS,
            store=False,  # photos of patients
            response_format={
                "type": "json_schema",
                "json_schema": {"name": "meal", "strict": True, "schema": answer_schema()},
            },
        )
        return read_reply(completion)

    def _log(self, error: Exception) -> None:
        logger.warning("vision call failed: %s", cause_of(error))


def _is_loopback(base_url: str | None) -> bool:
    host = httpx2.URL(base_url).host if base_url else ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
