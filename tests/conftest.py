"""For every suite: settings of the developer's own machine must not reach a test."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_settings_of_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Without its variables, and away from its `.env`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("DIETCARE_", "OPENAI_"))]:
            patch.delenv(name)
        patch.chdir(tmp_path_factory.mktemp("no_env_file"))
        yield
