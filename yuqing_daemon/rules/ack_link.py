"""Signed links by which a recipient acknowledges: they name the delivery, and end by themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from itsdangerous import BadSignature, URLSafeSerializer

from ..errors import RequestError

SALT = "acknowledge"


def make(secret: bytes, key: str, *, expires_at: datetime) -> str:
    """A token that acknowledges on behalf of the recipient of the delivery ``key``."""
    return str(URLSafeSerializer(secret, salt=SALT).dumps([key, int(expires_at.timestamp())]))


def read(secret: bytes, token: str) -> tuple[str, datetime]:
    """The delivery's key, and when the link ends.

    Raises:
        RequestError: the token is not ours.
    """
    try:
        key, expires = URLSafeSerializer(secret, salt=SALT).loads(token)
    except (BadSignature, ValueError) as error:
        raise RequestError("this link is not valid: it may have been cut off when it was copied") from error
    return str(key), datetime.fromtimestamp(expires, UTC)
