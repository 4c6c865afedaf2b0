"""Encoders are written as Python source: whatever protobuf allows must survive that."""

from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

from gateway.codec import Encoders

NAME = "compiled.test.Node"


@pytest.fixture
def node() -> Any:
    """A message that holds itself, with fields named like Python's own words."""
    file = descriptor_pb2.FileDescriptorProto(name="compiled_test.proto", package="compiled.test")
    file.syntax = "proto3"
    message = file.message_type.add(name="Node")
    message.oneof_decl.add(name="choice")
    optional = Field.LABEL_OPTIONAL
    message.field.add(name="class", number=1, type=Field.TYPE_STRING, label=optional)
    message.field.add(name="from", number=2, type=Field.TYPE_DOUBLE, label=optional)
    message.field.add(
        name="import", number=3, type=Field.TYPE_DOUBLE, label=optional, oneof_index=0
    )
    message.field.add(name="result", number=4, type=Field.TYPE_BOOL, label=optional, oneof_index=0)
    message.field.add(name="message", number=5, type=Field.TYPE_INT32, label=Field.LABEL_REPEATED)
    message.field.add(
        name="has", number=6, type=Field.TYPE_MESSAGE, type_name=f".{NAME}", label=optional
    )
    message.field.add(
        name="item",
        number=7,
        type=Field.TYPE_MESSAGE,
        type_name=f".{NAME}",
        label=Field.LABEL_REPEATED,
    )
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(NAME))


def encoded(message: Any) -> Any:
    return Encoders().message(message.DESCRIPTOR)(message)


EMPTY = {"class": "", "from": 0, "message": [], "item": []}


def test_names_that_python_or_the_encoder_uses_itself(node: Any) -> None:
    message = node(**{"class": "a", "from": 1.5, "result": True, "message": [1, 2]})
    assert encoded(message) == {
        "class": "a",
        "from": 1.5,
        "result": True,
        "message": [1, 2],
        "item": [],
    }


def test_a_message_that_holds_itself(node: Any) -> None:
    message = node(has=node(**{"from": 2.0}), item=[node(), node(item=[node()])])
    assert encoded(message) == EMPTY | {
        "has": EMPTY | {"from": 2},
        "item": [EMPTY, EMPTY | {"item": [EMPTY]}],
    }


@pytest.mark.parametrize(("value", "shown"), [(0.0, 0), (-0.0, 0), (3.0, 3), (1e16, 1e16)])
def test_a_number_with_presence_is_shown_where_it_is_set_zero_included(
    node: Any, value: float, shown: float
) -> None:
    found = encoded(node(**{"import": value}))
    assert found == EMPTY | {"import": shown}
    assert type(found["import"]) is type(shown)
    assert encoded(node()) == EMPTY


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
@pytest.mark.parametrize("field", ["from", "import"])
def test_a_number_that_json_can_not_say_is_refused(node: Any, field: str, value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        encoded(node(**{field: value}))
