"""Tokens that no library would write."""

import base64
import hashlib
import hmac
import json


def hand_signed(headers: object, claims: object, secret: str) -> str:
    """Signed with HS256, whatever the header says."""

    def part(value: object) -> bytes:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")

    signed = part(headers) + b"." + part(claims)
    mac = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(mac).rstrip(b"=")).decode()
