"""A TLS target for `make bench-load`: prints port and CA file, answers every request with an empty list."""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

import trustme

from scimproof.load.selftest.stalling_server import Answering, EndWithParent


async def main(folder: Path) -> None:
    """Serve until standard input closes."""
    ca, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost").configure_cert(context)
    ca.cert_pem.write_to_path(folder / "ca.pem")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(0.0), "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], folder / "ca.pem", flush=True)
    await loop.connect_read_pipe(EndWithParent, sys.stdin)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
