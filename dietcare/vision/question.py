"""The messages that ask a model about a picture."""

import base64
from typing import Literal

from openai.types.chat import ChatCompletionMessageParam

from dietcare.vision.port import Picture
from dietcare.vision.prompt import AGAIN, QUESTION, SYSTEM

Detail = Literal["low", "high", "auto"]
"""How closely the model shall look, in OpenAI's words: `low` is cheaper."""


def messages(picture: Picture, detail: Detail) -> list[ChatCompletionMessageParam]:
    """The instructions and the picture; the picture is all that is sent of the request."""
    data = base64.b64encode(picture.jpeg).decode("ascii")
    image = f"data:image/jpeg;base64,{data}"
    asked: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": SYSTEM},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": QUESTION},
                {"type": "image_url", "image_url": {"url": image, "detail": detail}},
            ],
        },
    ]
    if picture.is_doubted:
        asked.append({"role": "user", "content": AGAIN})
    return asked
