"""Random messages of random types: every kind of field, in every shape that proto3 has."""

from __future__ import annotations

from itertools import count
from typing import Any

from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    duration_pb2,
    empty_pb2,
    field_mask_pb2,
    json_format,
    message_factory,
    struct_pb2,
    timestamp_pb2,
    wrappers_pb2,
)
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from hypothesis import strategies as st

from gateway.codec import kinds

WELL_KNOWN = [
    *(kinds.TIMESTAMP, kinds.DURATION, kinds.FIELD_MASK, kinds.STRUCT, kinds.VALUE),
    *(kinds.LIST_VALUE, *sorted(kinds.WRAPPERS), "google.protobuf.Empty"),
]
IMPORTS = [timestamp_pb2, duration_pb2, field_mask_pb2, struct_pb2, wrappers_pb2, empty_pb2]
SCALARS = sorted(
    {*kinds.INTEGER_RANGES, Field.TYPE_DOUBLE, Field.TYPE_FLOAT, Field.TYPE_BOOL}
    | {Field.TYPE_STRING, Field.TYPE_BYTES, Field.TYPE_ENUM, Field.TYPE_MESSAGE}
)
KEYS = [*sorted(kinds.INTEGER_RANGES), Field.TYPE_BOOL, Field.TYPE_STRING]
# The most fields of one type; they are called f_1, f_2 and so on.
FIELDS = 10
numbers = count()


# ---- random types


@st.composite
def message_types(draw: st.DrawFn) -> Descriptor:
    """The first message type of a file that nobody has seen before."""
    package = f"any{next(numbers)}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package)
    file.syntax = "proto3"
    file.dependency.extend(module.DESCRIPTOR.name for module in IMPORTS)
    for values in draw(st.lists(st.sets(st.integers(-9, 9), max_size=3), min_size=1, max_size=2)):
        name = f"E{len(file.enum_type)}"
        enum = file.enum_type.add(name=name)
        for number in [0, *sorted(values - {0})]:
            enum.value.add(name=f"{name}_{number}".replace("-", "MINUS_"), number=number)
    names = [f"M{index}" for index in range(draw(st.integers(1, 3)))]
    for name in names:
        types = [*WELL_KNOWN, *(f"{package}.{each}" for each in names)]
        enums = [f"{package}.{enum.name}" for enum in file.enum_type]
        add_fields(draw, file.message_type.add(name=name), f"{package}.{name}", types, enums)
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return pool.FindMessageTypeByName(f"{package}.M0")


def add_fields(
    draw: st.DrawFn, message: Any, full_name: str, types: list[str], enums: list[str]
) -> None:
    optional = []
    shapes = st.sampled_from(["single", "single", "optional", "repeated", "map", "oneof"])
    for number in range(1, draw(st.integers(1, FIELDS)) + 1):
        field = message.field.add(name=f"f_{number}", number=number, label=Field.LABEL_OPTIONAL)
        set_type(draw, field, SCALARS, types, enums)
        shape = draw(shapes)
        if shape == "repeated":
            field.label = Field.LABEL_REPEATED
        elif shape == "map":
            make_map(draw, message, field, full_name)
        elif shape == "oneof":
            if not message.oneof_decl:
                message.oneof_decl.add(name="choice")
            field.oneof_index = 0
        elif shape == "optional":
            field.proto3_optional = True
            optional.append(field)
    for field in optional:  # the oneofs that protoc makes for these come after all others
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{field.name}")


def set_type(
    draw: st.DrawFn, field: Any, choices: list[int], types: list[str], enums: list[str]
) -> None:
    # Messages as often as everything else together: they are where most of the code is.
    field.type = draw(st.sampled_from(choices) | st.just(Field.TYPE_MESSAGE))
    if field.type == Field.TYPE_MESSAGE:
        field.type_name = f".{draw(st.sampled_from(types))}"
    elif field.type == Field.TYPE_ENUM:
        field.type_name = f".{draw(st.sampled_from(enums))}"


def make_map(draw: st.DrawFn, message: Any, field: Any, full_name: str) -> None:
    entry = message.nested_type.add(name=f"F{field.number}Entry")
    entry.options.map_entry = True
    key = draw(st.sampled_from(KEYS))
    entry.field.add(name="key", number=1, type=key, label=Field.LABEL_OPTIONAL)
    value = entry.field.add()
    value.CopyFrom(field)
    value.name, value.number = "value", 2
    field.type, field.type_name = Field.TYPE_MESSAGE, f".{full_name}.{entry.name}"
    field.label = Field.LABEL_REPEATED


# ---- random values, as the constructors take them

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
double = st.floats(allow_nan=False, allow_infinity=False).map(lambda value: value + 0.0)
single = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda value: value + 0.0)
free = st.recursive(
    st.none() | st.booleans() | double | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=6,
)
mask = st.lists(st.from_regex(r"[a-z]{1,3}(_[a-z]{1,3}){0,2}", fullmatch=True), max_size=3)
nanos = st.sampled_from((0, 1, 120_000_000, 999_999_999)) | st.integers(0, 999_999_999)


@st.composite
def durations(draw: st.DrawFn) -> dict[str, int]:
    sign = draw(st.sampled_from((1, -1)))
    return {
        "seconds": sign * draw(st.integers(0, 315_576_000_000)),
        "nanos": sign * draw(nanos),
    }


def parsed(name: str, value: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Free JSON as the message of that name."""
    cls = message_factory.GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(name))
    return value.map(lambda given: json_format.ParseDict(given, cls()))


SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    kinds.TIMESTAMP: st.fixed_dictionaries(
        {"seconds": st.integers(-62135596800, 253402300799), "nanos": nanos}
    ),
    kinds.DURATION: durations(),
    kinds.FIELD_MASK: st.fixed_dictionaries({"paths": mask}),
    kinds.STRUCT: parsed(kinds.STRUCT, st.dictionaries(text, free, max_size=3)),
    kinds.VALUE: parsed(kinds.VALUE, free),
    kinds.LIST_VALUE: parsed(kinds.LIST_VALUE, st.lists(free, max_size=3)),
}


def scalars(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if field.type in kinds.INTEGER_RANGES:
        return st.integers(*kinds.INTEGER_RANGES[field.type])
    by_type = {
        Field.TYPE_DOUBLE: double,
        Field.TYPE_FLOAT: single,
        Field.TYPE_BOOL: st.booleans(),
        Field.TYPE_STRING: text,
        Field.TYPE_BYTES: st.binary(max_size=8),
    }
    return by_type[field.type]


def items(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    message = field.message_type
    if message is None:
        return scalars(field)
    if message.full_name in SPECIAL:
        return SPECIAL[message.full_name]
    return arguments(message, depth - 1)


@st.composite
def arguments(draw: st.DrawFn, message: Descriptor, depth: int = 2) -> dict[str, Any]:
    """Arguments for the constructor of a message type."""
    result: dict[str, Any] = {}
    taken = set()
    for field in draw(st.permutations(list(message.fields))):  # any member of a oneof may be first
        if draw(st.integers(0, 5)) == 0 or (depth == 0 and field.message_type is not None):
            continue
        if field.containing_oneof in taken:
            continue
        taken |= {field.containing_oneof} - {None}
        if kinds.is_map(field):
            entry = kinds.message_of(field).fields_by_name
            values = items(entry["value"], depth)
            result[field.name] = draw(
                st.dictionaries(scalars(entry["key"]), values, min_size=1, max_size=2)
            )
        elif field.is_repeated:
            result[field.name] = draw(st.lists(items(field, depth), max_size=2))
        else:
            result[field.name] = draw(items(field, depth))
    return result


@st.composite
def messages(draw: st.DrawFn) -> Any:
    """A random message of a random type."""
    descriptor = draw(message_types())
    return message_factory.GetMessageClass(descriptor)(**draw(arguments(descriptor)))
