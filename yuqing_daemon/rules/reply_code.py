"""The few digits by which a notice is answered where there is no link: by SMS, or on the telephone."""

from __future__ import annotations

import hashlib
import hmac
import re

DIGITS = 6
_CODE = re.compile(rf"(?<![0-9]){DIGITS * '[0-9]'}(?![0-9])")


def make(secret: bytes, key: str) -> str:
    """The code of the delivery ``key``: nobody can guess it without the secret. Two may share one; see who answers.

    >>> make(b"secret", "E1:found:sms:wang") == make(b"secret", "E1:found:sms:wang")
    True
    >>> len(make(b"secret", "E1:found:sms:wang"))
    6
    """
    digest = hmac.new(secret, f"reply:{key}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**DIGITS:0{DIGITS}}"


def read(text: str) -> str:
    """The code in an answer, in whatever digits and words it comes; empty if there is none, or more than one.

    >>> read("签收 048213"), read("０４８２１３收到"), read("1 2 3"), read("13800048213")
    ('048213', '048213', '', '')
    """
    plain = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    found = set(_CODE.findall(plain))
    return found.pop() if len(found) == 1 else ""
