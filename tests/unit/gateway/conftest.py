"""Contracts written as text, compiled on the spot."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import google.api
import pytest
from google.protobuf import descriptor_pool, message_factory
from grpc_tools import protoc

from gateway import Api

ROOT = Path(__file__).parents[3]
HEAD = """
syntax = "proto3";
package {package};
import "gateway/v1/annotations.proto";
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
import "google/api/httpbody.proto";
import "google/protobuf/any.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/empty.proto";
import "google/protobuf/field_mask.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";
"""

Compile = Callable[[str], tuple[bytes, str]]
_numbers = count()


@pytest.fixture(scope="session")
def compile_proto(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compile declarations; gives the descriptors and the package, which is new every time."""

    def compile_text(text: str) -> tuple[bytes, str]:
        folder = tmp_path_factory.mktemp("proto")
        package = f"unit{next(_numbers)}"
        (folder / f"{package}.proto").write_text(HEAD.format(package=package) + text)
        out = folder / "set.binpb"
        arguments = [
            "protoc",
            f"-I{folder}",
            f"-I{ROOT / 'protos'}",
            f"-I{Path(next(iter(google.api.__path__))).parents[1]}",
            f"-I{Path(protoc.__file__).parent / '_proto'}",
            f"--descriptor_set_out={out}",
            "--include_imports",
            "--include_source_info",
            f"{package}.proto",
        ]
        assert protoc.main(arguments) == 0
        return out.read_bytes(), package

    return compile_text


@pytest.fixture(scope="session")
def message_class(compile_proto: Compile) -> Callable[[str], Any]:
    """The class of the first message among some declarations."""

    def make(text: str) -> Any:
        descriptors, package = compile_proto(text)
        Api.load(descriptors, [])
        pool = descriptor_pool.Default()
        file = pool.FindFileByName(f"{package}.proto")
        return message_factory.GetMessageClass(next(iter(file.message_types_by_name.values())))

    return make
