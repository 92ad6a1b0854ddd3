"""A TLS target for `make bench-load`: prints port and CA file, answers every request with an empty list."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from pathlib import Path

import trustme

from scimproof.load.selftest.stalling_server import BODY, HEAD


class Answering(asyncio.Protocol):
    """Connection of the server: every request, without body and one at a time, is answered at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.write = transport.write

    def data_received(self, data: bytes) -> None:
        self.write(HEAD + BODY)


class EndWithParent(asyncio.Protocol):
    """End of the process when its standard input closes, as it does when the parent is gone."""

    def connection_lost(self, exc: Exception | None) -> None:
        os._exit(0)


async def main(folder: Path) -> None:
    """Serve until standard input closes."""
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Answering, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], folder / "ca.pem", flush=True)
    await loop.connect_read_pipe(EndWithParent, sys.stdin)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
