"""Reads an answer's body, unpacked, up to a size."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

MAX_BODY = 16 * 1024 * 1024


def read_body(chunks: Iterable[bytes], encoding: str, body: bytearray, limit: int = MAX_BODY) -> str:
    """Read the decoded body into `body` and give an error sentence, empty when all is well.

    Reading stops at `limit` bytes, also of a packed body; of a longer one the first 64 KiB are kept.
    """
    unpack = _Unpacker(encoding.strip().lower())
    for chunk in chunks:
        try:
            body += unpack(chunk, limit + 1 - len(body))
        except zlib.error as problem:
            return f"the body is not the {encoding} it says: {problem}"
        if len(body) > limit:
            del body[65536:]
            return f"the body is over {limit // 2**20} MiB; reading stopped"
    return f"the {encoding} body broke off" if body and not unpack.ended() else ""


class _Unpacker:
    """Takes gzip and both kinds of deflate apart; anything else stays as it is."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._inflate = zlib.decompressobj(47) if encoding in ("gzip", "x-gzip", "deflate") else None
        self._begun = b""

    def __call__(self, chunk: bytes, most: int) -> bytes:
        if self._inflate is None:
            return chunk
        try:
            if self._encoding == "deflate" and len(self._begun) < 2:
                self._begun += chunk
            return self._inflate.decompress(chunk, most)
        except zlib.error:
            if self._encoding != "deflate" or len(self._begun) > len(chunk) + 1:
                raise
            # Some servers send deflate without the zlib frame, and clients have learnt to take it.
            self._inflate, self._encoding = zlib.decompressobj(-15), ""
            return self._inflate.decompress(self._begun, most)

    def ended(self) -> bool:
        """Whether the packed stream came to its own end."""
        return self._inflate is None or self._inflate.eof
