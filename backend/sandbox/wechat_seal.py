"""The service account's envelope written a second time, on bare AES: nothing is shared with the adapter."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
_FIELD = re.compile(r"<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<]*))</\1>", re.DOTALL)


class Broken(ValueError):
    """An envelope that is not what it claims."""


def signature(*parts: str) -> str:
    """The platform's own scheme (channels sheet 1.5); SHA-1 is not ours to choose."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def field_of(xml: str, name: str) -> str:
    """Raises Broken."""
    for found in _FIELD.finditer(xml):
        if found.group(1) == name:
            return found.group(2) if found.group(2) is not None else found.group(3)
    raise Broken(f"no <{name}>")


class Box:
    """AES-256-CBC, IV = the key's first 16 bytes, padded to 32; random16 + length + xml + appid inside."""

    def __init__(self, aes_key: str, appid: str, luck: random.Random) -> None:
        self._key = base64.b64decode(aes_key + "=")
        self._appid = appid.encode()
        self._luck = luck

    def close(self, xml: str) -> str:
        body = xml.encode()
        plain = self._luck.randbytes(16) + struct.pack(">I", len(body)) + body + self._appid
        spare = BLOCK - len(plain) % BLOCK
        sealing = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).encryptor()
        return base64.b64encode(sealing.update(plain + bytes([spare]) * spare) + sealing.finalize()).decode()

    def open(self, sealed: str) -> str:
        """Raises Broken."""
        try:
            opening = Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16])).decryptor()
            plain = opening.update(base64.b64decode(sealed, validate=True)) + opening.finalize()
            plain = plain[: -plain[-1]]
            size = struct.unpack(">I", plain[16:20])[0]
            inside = plain[20 : 20 + size].decode()
        except (ValueError, IndexError, struct.error) as fault:
            raise Broken(str(fault)) from None
        if plain[20 + size :] != self._appid:
            raise Broken("for another account")
        return inside
