"""The committed OpenAPI document: fresh, valid, and true of itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from dietcare.openapi import openapi_document

ROOT = Path(__file__).parents[2]
COMMITTED = ROOT / "docs" / "openapi.json"
METHODS = ("get", "put", "post", "patch", "delete")
DOCUMENT = json.loads(openapi_document())


def _operations() -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for path in DOCUMENT["paths"].values()
        for name, operation in path.items()
        if name in METHODS
    }


def _media(operation: dict[str, Any]) -> list[dict[str, Any]]:
    bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
    return [media for body in bodies for media in body.get("content", {}).values()]


def test_the_committed_document_is_that_of_the_contract() -> None:
    assert COMMITTED.read_bytes() == openapi_document(), "run make docs-api"


@pytest.mark.parametrize("seed", ["1", "2"])
def test_it_is_the_same_to_the_byte_in_every_process(seed: str, tmp_path: Path) -> None:
    file = tmp_path / "openapi.json"
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "dietcare.openapi", file], check=True, env=environment, cwd=tmp_path
    )
    assert file.read_bytes() == COMMITTED.read_bytes()


def test_it_is_valid_openapi_3_1() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


@pytest.mark.parametrize("name", sorted(_operations()))
def test_every_example_is_as_its_schema_says(name: str) -> None:
    shown = [media for media in _media(_operations()[name]) if "example" in media]
    assert shown
    for media in shown:
        schema = {**media["schema"], "components": DOCUMENT["components"]}
        OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER).validate(
            media["example"]
        )


@pytest.mark.parametrize("name", sorted(_operations()))
def test_every_operation_says_what_it_does_and_how_it_fails(name: str) -> None:
    operation = _operations()[name]
    assert operation["summary"]
    assert {"400", "401", "403", "429", "500", "503", "504"} <= set(operation["responses"])
    for parameter in operation["parameters"]:
        assert parameter.get("description") or "$ref" in parameter, parameter
