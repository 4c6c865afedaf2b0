"""What of a JSON Web Key Set (RFC 7517) verifies tokens here."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from dietcare.auth.keys import RSA_MIN_BITS, Key

MAX_KEYS = 100


class NoKeySetError(Exception):
    """What was fetched is no key set."""


@dataclass(frozen=True, slots=True)
class Published:
    """A key with the id that its provider gave it, None for none."""

    kid: str | None
    key: Key


def parse(
    body: bytes, algorithms: Collection[str], known: Sequence[Published] = ()
) -> tuple[Published, ...]:
    """The keys that may verify one of `algorithms`; others are passed over.

    A key that is among `known` stays the same object.

    Raises:
        NoKeySetError: it is none.
    """
    try:
        listed = orjson.loads(body)["keys"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise NoKeySetError from None
    if not isinstance(listed, list) or len(listed) > MAX_KEYS:
        raise NoKeySetError
    found = (_published(said, algorithms) for said in listed)
    return tuple(_kept(each, known) for each in found if each is not None)


def _published(said: object, algorithms: Collection[str]) -> Published | None:
    # Whoever publishes the private part ("d") has published a key that anybody may sign with.
    if not isinstance(said, dict) or said.get("use", "sig") != "sig" or "d" in said:
        return None
    operations = said.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        jwk = jwt.PyJWK(said)
    except Exception:  # whatever the libraries make of one key, the others hold
        return None
    material, algorithm = jwk.key, jwk.algorithm_name
    if algorithm not in algorithms:  # so is every secret (HS256)
        return None
    if isinstance(material, RSAPublicKey) and material.key_size < RSA_MIN_BITS:
        return None
    kid = said.get("kid")
    return Published(kid if isinstance(kid, str) else None, Key(material, (algorithm,)))


def _kept(one: Published, known: Sequence[Published]) -> Published:
    return next((other for other in known if _same(one, other)), one)


def _same(one: Published, other: Published) -> bool:
    return (
        one.kid == other.kid
        and one.key.algorithms == other.key.algorithms
        and bool(one.key.material == other.key.material)
    )
