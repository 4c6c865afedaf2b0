"""Page tokens: where a page ended, signed, so that nobody can make one or use another's.

The signature is over the list too: whose meals, filtered how. A token tells its place alone.
"""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

from dietcare.domain.ids import MealId, UserId
from dietcare.domain.meal import MealCursor, MealFilter
from dietcare.errors import ValidationError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
INSTANT_BYTES, ID_BYTES, MAC_BYTES = 8, 12, 32
PURPOSE = b"dietcare page token 1"


class PageTokens:
    """Makes page tokens of lists of meals, and reads them again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def derived_from(cls, secret: str) -> "PageTokens":
        """With a key of its own, from a secret that has another use."""
        return cls(hmac.digest(secret.encode(), PURPOSE, hashlib.sha256))

    def seal(self, user_id: UserId, where: MealFilter, cursor: MealCursor) -> str:
        """The token of the page after `cursor`."""
        instant = (cursor.logged_at - EPOCH) // MILLISECOND
        place = instant.to_bytes(INSTANT_BYTES, signed=True) + bytes.fromhex(cursor.meal_id)
        return _text(place + self._mac(user_id, where, place))

    def open(self, user_id: UserId, where: MealFilter, token: str) -> MealCursor:
        """Where the page of `token` begins.

        Raises:
            ValidationError: it is none of ours, or of another list.
        """
        sealed = _raw(token)
        place, mac = sealed[:-MAC_BYTES], sealed[-MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(user_id, where, place)):
            raise ValidationError.of("page_token", "field.page_token")
        instant = int.from_bytes(place[:INSTANT_BYTES], signed=True)
        return MealCursor(EPOCH + instant * MILLISECOND, MealId(place[INSTANT_BYTES:].hex()))

    def _mac(self, user_id: UserId, where: MealFilter, place: bytes) -> bytes:
        bounds = (where.first_date, where.last_date, where.first_instant, where.last_instant)
        parts = (
            user_id.lower(),
            where.meal_type.value if where.meal_type else "",
            # Two texts of the same instant are the same bound.
            *(_bound(bound) for bound in bounds),
        )
        signed = PURPOSE + b"\0" + "\0".join(parts).encode() + b"\0" + place
        return hmac.digest(self._key, signed, hashlib.sha256)


def is_page_token(text: str) -> bool:
    """Whether `text` has the form of a token; only its one spelling has."""
    sealed = _raw(text)
    return len(sealed) == INSTANT_BYTES + ID_BYTES + MAC_BYTES and _text(sealed) == text


def _raw(token: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        return b""


def _bound(bound: date | None) -> str:
    if isinstance(bound, datetime):
        return str(bound - EPOCH)  # no instant is too early or too late for that
    return bound.isoformat() if bound is not None else ""


def _text(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")
