"""How long a client is ready to wait: `grpc-timeout` and `X-Request-Timeout`."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gateway.failures import GatewayError, invalid

GRPC_TIMEOUT = "grpc-timeout"
REQUEST_TIMEOUT = "x-request-timeout"

# https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: at most 8 digits and a unit.
_GRPC = re.compile(r"([0-9]{1,8})([HMSmun])")
_UNIT_S = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
_SECONDS = re.compile(r"[0-9]{1,8}(\.[0-9]{1,9})?")
# What grpc's core caps deadlines at; much longer ones pass at once there.
_LONGEST_S = 27_000 * 3600.0


def timeout_s(
    headers: Mapping[str, str], default: float | None, most: float | None = None
) -> float | None:
    """Seconds that the call may take, at most `most` or three years; of two headers the shorter.

    Raises:
        GatewayError: INVALID_ARGUMENT for an unreadable header, DEADLINE_EXCEEDED for zero.
    """
    stated = []
    if (text := headers.get(GRPC_TIMEOUT)) is not None:
        match = _GRPC.fullmatch(text)
        if match is None:
            raise invalid(GRPC_TIMEOUT, "header")
        stated.append(int(match[1]) * _UNIT_S[match[2]])
    if (text := headers.get(REQUEST_TIMEOUT)) is not None:
        if not _SECONDS.fullmatch(text):
            raise invalid(REQUEST_TIMEOUT, "header")
        stated.append(float(text))
    if not stated:
        return default
    if min(stated) <= 0:
        raise GatewayError(504, "DEADLINE_EXCEEDED")
    return min(*stated, _LONGEST_S if most is None else most)
