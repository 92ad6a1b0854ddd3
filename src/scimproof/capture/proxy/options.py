"""Options of a recording: where it listens, where the target is, and how each side is spoken to."""

from __future__ import annotations

import ipaddress
import json
import ssl
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from scimproof.core.errors import UsageError
from scimproof.target.target import Target


class ListenAddress(NamedTuple):
    """Where to listen: a host name or an address without brackets, and a port; 0 picks a free one."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, option: str = "--listen") -> Self:
        """The address in `127.0.0.1:8484` or `[::1]:8484`; raises UsageError for anything else."""
        host, colon, port = text.strip().rpartition(":")
        bracketed = host.startswith("[") and host.endswith("]")
        host = host[1:-1] if bracketed else host
        if not colon or not host or (":" in host) != bracketed or not port.isascii() or not port.isdigit():
            raise UsageError(f"{option} {text!r}: it looks like 127.0.0.1:8484 or [::1]:8484")
        if int(port) > 65535:
            raise UsageError(f"{option} {text!r}: a port is at most 65535")
        return cls(host, int(port))

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class ProxyOptions:
    """Options of the forwarding process, as text, so that they can be handed over.

    `url` is the base URL of the target. `keep_host` sends the sender's own Host on to the target.
    """

    url: str
    host: str = "127.0.0.1"
    port: int = 0
    ca_bundle: str = ""
    client_cert: str = ""
    client_key: str = ""
    insecure: bool = False
    listen_cert: str = ""
    listen_key: str = ""
    keep_host: bool = False

    @property
    def target(self) -> Target:
        """The target, without credentials: these are the sender's."""
        return Target(
            self.url,
            ca_bundle=_path(self.ca_bundle),
            client_certificate=_path(self.client_cert),
            client_key=_path(self.client_key),
            insecure=self.insecure,
        )

    @property
    def address(self) -> ListenAddress:
        """Where it listens."""
        return ListenAddress(self.host, self.port)

    def base_url(self, port: int) -> str:
        """The base URL for the sender, when it listens on that port."""
        scheme = "https" if self.listen_cert else "http"
        target = self.target
        query = f"?{target.query}" if target.query else ""
        return f"{scheme}://{ListenAddress(self.host, port)}{target.base}{query}"

    def target_tls(self) -> ssl.SSLContext | None:
        """TLS toward the target, None for plain HTTP; raises UsageError for unusable files."""
        target = self.target
        return target.ssl_context() if target.scheme == "https" else None

    def listening_tls(self) -> ssl.SSLContext | None:
        """TLS of the listening side, None for plain HTTP; raises UsageError for unusable files."""
        if not self.listen_cert:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        try:
            # With a password given, a locked key is an error instead of a question on the terminal.
            context.load_cert_chain(self.listen_cert, self.listen_key or None, password="")
        except OSError as problem:
            files = " ".join(filter(None, (self.listen_cert, self.listen_key)))
            raise UsageError(
                f"the certificate files of --listen cannot be used ({files}): {problem}"
            ) from None
        context.set_alpn_protocols(["http/1.1"])
        return context

    def check(self) -> None:
        """Raise UsageError for certificates that cannot be used."""
        if self.client_key and not self.client_cert:
            raise UsageError("--client-key needs --client-cert")
        if self.listen_key and not self.listen_cert:
            raise UsageError("--listen-key needs --listen-cert")
        self.target_tls()
        self.listening_tls()

    def as_text(self) -> str:
        """The options as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """The options in such a line."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields)


def _path(text: str) -> Path | None:
    return Path(text) if text else None
