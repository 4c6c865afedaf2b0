"""How much is found out about names that nobody knows."""

import pytest

from gateway.codec import suggest
from gateway.failures import MAX_VIOLATIONS, Violations


def test_a_near_name_is_looked_for_as_often_as_violations_are_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_for: list[str] = []
    monkeypatch.setattr(
        suggest, "get_close_matches", lambda name, *_, **__: looked_for.append(name) or []
    )
    violations = Violations()
    for index in range(20_000):
        suggest.unknown(violations, "field", f"no_such_field_{index}", ["sodium_mg"])
    assert len(violations) == len(looked_for) == MAX_VIOLATIONS
