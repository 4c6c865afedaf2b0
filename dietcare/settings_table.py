"""Writes the settings as a Markdown table: `python -m dietcare.settings_table`."""

from enum import StrEnum

from dietcare.settings import Settings
from dietcare.settings.load import variable_of

HEAD = """\
# Settings

Environment variables, or lines of a `.env` file in the working directory. All that is wrong is
told at once when the service starts. Made by `make docs`.

| variable | default | what it means |
|---|---|---|
"""


def settings_table() -> str:
    """The whole page."""
    return HEAD + "".join(_row(name) for name in Settings.model_fields)


def _row(name: str) -> str:
    field = Settings.model_fields[name]
    return f"| `{variable_of(name)}` | {_shown(field.default)} | {field.description} |\n"


def _shown(default: object) -> str:
    if default is None or default == () or default == "":
        return "unset"
    return f"`{default.value if isinstance(default, StrEnum) else default}`"


if __name__ == "__main__":
    print(settings_table(), end="")  # noqa: T201 - it is what this module is for
