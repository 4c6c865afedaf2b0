"""The addresses that clients send, read strictly: whatever could be read in two ways is refused."""

import re
from dataclasses import dataclass

from dietcare.errors import InvalidImageURLError, ValidationError

HTTPS_PORT = 443
MAX_URL_CHARACTERS = 8_192

# Visible ASCII without quotes, brackets and the like; no user info, no port but the default one.
_URL = re.compile(
    r"https://(?P<host>[a-z0-9.-]+)(?::443)?(?P<target>[/?][A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]*)?"
    r"(?:#[\x21-\x7e]*)?",
)
_SCHEME_AND_HOST = re.compile(r"\A[A-Za-z]+://[A-Za-z0-9.-]+")
_ORIGIN = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::[0-9]{1,5})?")
_SAMPLE = re.compile(r"[A-Za-z0-9_-]{1,100}\.(?:jpg|jpeg|png|webp|heic)")


@dataclass(frozen=True, slots=True)
class Target:
    """A host and what is asked of it."""

    host: str
    path_and_query: str

    @property
    def url(self) -> str:
        """The address, normalised."""
        return f"https://{self.host}{self.path_and_query}"


def refused(key: str = "field.image_url") -> ValidationError:
    """The error that says `key` of image_url."""
    return InvalidImageURLError.of("image_url", key)


def parse_url(url: str) -> Target:
    """Read an HTTPS address.

    Raises:
        InvalidImageURLError: it is anything else, or written in an unusual way.
    """
    lowered = _SCHEME_AND_HOST.sub(lambda match: match[0].lower(), url)
    match = _URL.fullmatch(lowered) if len(url) <= MAX_URL_CHARACTERS else None
    if match is None:
        raise refused()
    path_and_query = match["target"] or "/"
    if path_and_query.startswith("?"):
        path_and_query = f"/{path_and_query}"
    return Target(match["host"], path_and_query)


class OwnSamples:
    """The addresses of the service's own sample pictures, served on loopback.

    Raises:
        ValueError: the origin is not on this machine.
    """

    def __init__(self, origin: str) -> None:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin on this machine")
        self._prefix = f"{origin}/samples/"

    def __contains__(self, url: str) -> bool:
        name = url.removeprefix(self._prefix)
        return name != url and _SAMPLE.fullmatch(name) is not None
