"""What an endpoint answered, whatever it is: the SDK checks none of it."""

from dataclasses import dataclass
from typing import Any

from dietcare.vision.answer import UnusableAnswerError

MAX_MODEL_NAME = 100


@dataclass(frozen=True, slots=True)
class Reply:
    """The text of an answer, the name of the model that gave it, and what it cost."""

    content: str
    model: str
    tokens: int


def read_reply(completion: Any) -> Reply:
    """Take the answer out of a completion of any shape.

    Raises:
        UnusableAnswerError: there is none: refused, filtered, cut off, or another shape.
    """
    choices = getattr(completion, "choices", None)
    if not isinstance(choices, list) or not choices:
        raise UnusableAnswerError("no choices")
    choice = choices[0]
    message = getattr(choice, "message", None)
    if getattr(message, "refusal", None):
        raise UnusableAnswerError("refused")
    if getattr(choice, "finish_reason", None) not in (None, "stop"):
        raise UnusableAnswerError("cut off")
    content = getattr(message, "content", None)
    if not isinstance(content, str):
        raise UnusableAnswerError("no text")
    return Reply(content, _model_name(completion), _tokens(completion))


def _model_name(completion: Any) -> str:
    name = getattr(completion, "model", None)
    return name[:MAX_MODEL_NAME] if isinstance(name, str) and name.isprintable() else ""


def _tokens(completion: Any) -> int:
    total = getattr(getattr(completion, "usage", None), "total_tokens", None)
    return total if isinstance(total, int) and total > 0 else 0
