"""Cursors of RFC 9865: a position in a list, signed, for one query."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
import time
from typing import Any

from scim2_models import ExpiredCursorException, InvalidCursorException

_TAG = 16


class Cursors:
    """Makes cursors and reads them back; another target's are not understood."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)

    def seal(self, query: str, count: int | None, position: Any) -> str:
        """The cursor of a position in the result of a query."""
        content = json.dumps([query, count, int(time.time()), position], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._tag(content) + content).rstrip(b"=").decode()

    def open(self, cursor: str, query: str, timeout: int | None) -> tuple[int | None, Any]:
        """The count and the position that a cursor was made of.

        Raises InvalidCursorException for one that is made up or for another query, and
        ExpiredCursorException for one that is older than `timeout` seconds.
        """
        try:
            sealed = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        except (binascii.Error, ValueError):
            raise InvalidCursorException from None
        tag, content = sealed[:_TAG], sealed[_TAG:]
        if not hmac.compare_digest(tag, self._tag(content)):
            raise InvalidCursorException
        asked, count, made, position = json.loads(content)
        if asked != query:
            raise InvalidCursorException
        if timeout is not None and time.time() - made > timeout:
            raise ExpiredCursorException
        return count, position

    def _tag(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)[:_TAG]
