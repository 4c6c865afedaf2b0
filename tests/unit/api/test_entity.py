"""If-Match, as RFC 9110 §13.1.1 has it."""

import pytest

from dietcare.api.entity import expected_versions
from dietcare.errors import ValidationError


class Context:
    def __init__(self, *values):
        self._values = values

    def invocation_metadata(self):
        return [("authorization", "x"), *(("if-match", value) for value in self._values)]


@pytest.mark.parametrize("value", ["*", " * "])
def test_any_version_will_do(value):
    assert expected_versions(Context(value)) is None
    assert expected_versions(Context()) is None


@pytest.mark.parametrize(
    ("values", "versions"),
    [
        (['"3"'], {3}),
        (['"3", "4"'], {3, 4}),
        (['"3","4"'], {3, 4}),
        ([' , "3" ,, "4" , '], {3, 4}),
        (['"3"', '"4"'], {3, 4}),
        (['W/"3"'], set()),
        (['W/"3", "4"'], {4}),
        (['"abc"'], set()),
        (['"a,b", "3"'], {3}),
        (['""'], set()),
        (['"03"'], set()),
        (['"-1"'], set()),
        (['"99999999999999999999"'], set()),
    ],
    ids=str,
)
def test_the_versions_of_a_list_are_those_that_it_names_strongly(values, versions):
    assert expected_versions(Context(*values)) == versions


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", ",", "3", '"3', '3"', "'3'", '"a b"', '"é"'),
        *('"3" "4"', '"3";"4"', 'w/"3"', '*, "3"', '"3", *'),
    ],
)
def test_anything_else_is_malformed(value):
    with pytest.raises(ValidationError) as refused:
        expected_versions(Context(value))
    assert [each.field for each in refused.value.violations] == ["if-match"]


def test_a_long_malformed_list_is_refused_in_no_time():
    with pytest.raises(ValidationError):
        expected_versions(Context('"3" , ' * 2_000 + "x"))
