"""Whatever an endpoint sends is read without trust."""

from types import SimpleNamespace as Space
from typing import Any

import pytest

from dietcare.vision.answer import UnusableAnswerError
from dietcare.vision.reply import Reply, read_reply


def completion(**changes: Any) -> Space:
    choice = Space(finish_reason="stop", message=Space(content="{}", refusal=None))
    return Space(**{"choices": [choice], "model": "m", "usage": Space(total_tokens=7), **changes})


def test_a_whole_reply_is_read() -> None:
    assert read_reply(completion()) == Reply("{}", "m", 7)


@pytest.mark.parametrize("model", [None, 3, "a\nb"])
def test_an_odd_model_name_is_left_out(model: object) -> None:
    assert read_reply(completion(model=model)).model == ""


@pytest.mark.parametrize("usage", [None, Space(), Space(total_tokens="7"), Space(total_tokens=-1)])
def test_odd_usage_counts_as_none(usage: object) -> None:
    assert read_reply(completion(usage=usage)).tokens == 0


@pytest.mark.parametrize(
    "reply",
    [
        *(
            None,
            "<html>",
            {},
            Space(),
            Space(choices="x"),
            Space(choices=[]),
            Space(choices=[None]),
        ),
        completion(choices=[Space(finish_reason="stop", message=None)]),
        completion(choices=[Space(finish_reason="length", message=Space(content="{}"))]),
        completion(choices=[Space(finish_reason="stop", message=Space(content=None))]),
        completion(
            choices=[Space(finish_reason="stop", message=Space(content="{}", refusal="no"))]
        ),
    ],
)
def test_anything_else_is_unusable(reply: object) -> None:
    with pytest.raises(UnusableAnswerError):
        read_reply(reply)
