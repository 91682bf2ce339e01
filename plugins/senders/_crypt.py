"""AES as the chat services encrypt what they send back: CBC, filled up to whole blocks, base64."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


def same(one: str, other: str) -> bool:
    """Whether two secrets are the same, in a time that does not tell how far."""
    return hmac.compare_digest(one.encode(), other.encode())


def decrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    """The plain bytes.

    Raises:
        ValueError: another key, or no such text at all.
    """
    opened = Cipher(algorithms.AES256(key), modes.CBC(iv)).decryptor()
    plain = opened.update(data) + opened.finalize()
    filling = plain[-1] if plain else 0
    if not 1 <= filling <= 2 * BLOCK or plain[-filling:] != bytes([filling]) * filling:
        raise ValueError("encrypted with another key")
    return plain[:-filling]


def encrypt(key: bytes, iv: bytes, plain: bytes, *, block: int = BLOCK) -> bytes:
    """The encrypted bytes, filled up to a multiple of ``block``."""
    filling = block - len(plain) % block
    closed = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    return closed.update(plain + bytes([filling]) * filling) + closed.finalize()


class FeishuBox:
    """飞书: the key is the digest of the Encrypt Key, and the first block of the text is its IV."""

    def __init__(self, encrypt_key: str) -> None:
        self._secret = encrypt_key
        self._key = hashlib.sha256(encrypt_key.encode()).digest()

    def open(self, text: str) -> str:
        """What is inside; raises ``ValueError`` for what is not ours.

        >>> FeishuBox("test key").open("P37w+VZImNgPEO1RBhJ6RtKl7n6zymIbEG1pReEzghk=")
        'hello world'
        """
        data = base64.b64decode(text, validate=True)
        return decrypt(self._key, data[:BLOCK], data[BLOCK:]).decode()

    def signature(self, timestamp: str, nonce: str, body: bytes) -> str:
        """What the header X-Lark-Signature has to be."""
        return hashlib.sha256(f"{timestamp}{nonce}{self._secret}".encode() + body).hexdigest()


class WecomBox:
    """企业微信: 16 random bytes, the length, the message, and whose it is."""

    def __init__(self, token: str, aes_key: str, whose: str) -> None:
        self._token, self._whose = token, whose.encode()
        self._key = base64.b64decode(f"{aes_key}=")
        self._iv = self._key[:BLOCK]

    def open(self, text: str) -> str:
        """The message; raises ``ValueError`` for what is not ours."""
        plain = decrypt(self._key, self._iv, base64.b64decode(text, validate=True))
        length = int.from_bytes(plain[16:20], "big")
        if plain[20 + length :] != self._whose:
            raise ValueError("for another corporation")
        return plain[20 : 20 + length].decode()

    def seal(self, message: str, *, salt: bytes = b"") -> str:
        """The message as the service opens it; ``salt``: the 16 random bytes."""
        inside = message.encode()
        plain = (salt or os.urandom(16)) + len(inside).to_bytes(4, "big") + inside + self._whose
        return base64.b64encode(encrypt(self._key, self._iv, plain, block=2 * BLOCK)).decode()

    def signature(self, timestamp: str, nonce: str, text: str) -> str:
        """What ``msg_signature`` has to be."""
        return hashlib.sha1("".join(sorted((self._token, timestamp, nonce, text))).encode()).hexdigest()
