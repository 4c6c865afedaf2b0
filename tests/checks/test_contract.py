"""What keeps contract, code and documents together. `make lint` runs these."""

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import EnumDescriptor

from dietcare import errors, settings
from dietcare.errors import DietCareError
from dietcare.serving import CONTRACT, SERVICE
from dietcare.settings_table import settings_table
from dietcare.v1 import error_reason_pb2, service_pb2
from gateway import Api
from gateway.v1 import annotations_pb2

ROOT = Path(__file__).parents[2]


def _subclasses(cls: type[DietCareError]) -> set[type[DietCareError]]:
    found = {cls}
    for each in cls.__subclasses__():
        found |= _subclasses(each)
    return found


def _enums() -> list[EnumDescriptor]:
    files = service_pb2.DESCRIPTOR.dependencies
    ours = [file for file in files if file.package == "dietcare.v1"]
    return [enum for file in ours for enum in file.enum_types_by_name.values()]


def test_every_rpc_has_a_route() -> None:
    api = Api.load(CONTRACT.read_bytes(), [SERVICE])
    routed = {method.name for method in api.methods}
    assert routed == set(service_pb2.DESCRIPTOR.services_by_name["DietCareService"].methods_by_name)


@pytest.mark.parametrize("enum", _enums(), ids=lambda enum: enum.name)
def test_every_enum_value_but_the_unspecified_one_names_its_json_string(
    enum: EnumDescriptor,
) -> None:
    unnamed = [
        value.number
        for value in enum.values
        if not value.GetOptions().Extensions[annotations_pb2.value].json_name
    ]
    assert unnamed == [0]


def test_every_reason_of_an_error_is_in_the_contract_and_no_other_is() -> None:
    declared = {
        value.name.removeprefix("ERROR_REASON_")
        for value in error_reason_pb2.ErrorReason.DESCRIPTOR.values
    } - {"UNSPECIFIED"}
    raised = {cls.reason for cls in _subclasses(errors.DietCareError)}
    by_the_gateway = {"TOO_LARGE"}
    assert not raised & by_the_gateway
    assert raised | by_the_gateway == declared


def test_every_setting_is_documented_as_it_is() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_table(), "run make docs"


def test_every_setting_says_what_it_means() -> None:
    fields = settings.Settings.model_fields
    undescribed = [name for name, field in fields.items() if not field.description]
    assert undescribed == []


def test_no_locked_requirement_names_an_index() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert not re.search(r"https?://|--index|--find-links|@ file", lock.read_text()), lock


def test_the_package_and_its_changelog_name_the_same_version() -> None:
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.M)
    assert version is not None
    assert f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text()


def test_every_link_within_the_documents_leads_somewhere() -> None:
    pages = [page for glob in ("*.md", "docs/**/*.md", "gateway/*.md") for page in ROOT.glob(glob)]
    broken = [
        f"{page.name}: {target}"
        for page in pages
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
