"""Something that people should know of an answer which is nevertheless valid."""

from dataclasses import dataclass

from dietcare.messages import Text


@dataclass(frozen=True, slots=True)
class Warning:
    """A warning: a code for programs, the field it concerns, a sentence for people."""

    code: str
    field: str
    text: Text
