"""Target: URL, credentials, TLS and headers of the server under test."""

from __future__ import annotations

import ipaddress
import random
import re
import ssl
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from scimproof import __version__
from scimproof.core.errors import UsageError
from scimproof.target.credentials import Bearer, Credentials, header_value


@dataclass(frozen=True)
class Target:
    """A SCIM base URL with all that is needed to send requests to it.

    `url` has no trailing slash; requests append `/Users`, `/Groups`. `seconds` is the deadline of a whole
    exchange: the sender gives up after 60 (wire-facts section 6). `groups` says whether the application has
    groups, None that the run has to find out. `other` are the credentials of
    another tenant of the same server.
    """

    url: str
    credentials: Credentials = field(default_factory=lambda: Bearer(""), repr=False)
    headers: tuple[tuple[str, str], ...] = ()
    ca_bundle: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    seconds: float = 60.0
    embedded: bool = False
    groups: bool | None = None
    other: Credentials | None = field(default=None, repr=False)

    def secrets(self) -> list[str]:
        """All that must never be shown and is known so far: of the credentials and of the headers."""
        others = self.other.secrets() if self.other else []
        return [*self.credentials.secrets(), *others, *(value for _, value in self.headers)]

    @property
    def scheme(self) -> str:
        """`http` or `https`."""
        return urlsplit(self.url).scheme

    @property
    def host(self) -> str:
        """The host name or address, without brackets and port."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port, given or the scheme's own."""
        return urlsplit(self.url).port or (443 if self.scheme == "https" else 80)

    @property
    def host_header(self) -> str:
        """The Host header: as typed, the scheme's own port left out."""
        netloc = urlsplit(self.url).netloc.rpartition("@")[2]
        default = ":443" if self.scheme == "https" else ":80"
        return netloc.removesuffix(default)

    @property
    def origin(self) -> str:
        """Scheme, host and port: what stands before a path."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"

    @property
    def base(self) -> str:
        """The path of the base URL, without a trailing slash: the value of `{{base}}`."""
        return urlsplit(self.url).path.rstrip("/")

    @property
    def query(self) -> str:
        """The query that came with the base URL, which some senders put on every request; usually empty."""
        return urlsplit(self.url).query

    def blanks(self, prefix: str = "") -> dict[str, str]:
        """The template variables of every request of the run, without the authorization."""
        parent = self.base.rpartition("/")[0]
        known = {"base": self.base, "parent": parent, "host": self.host_header, "prefix": prefix}
        known["prefix-upper"] = prefix.upper()
        # A name that nobody has: the same for the whole run, another one for the next.
        known["guid"] = str(uuid.UUID(int=random.Random(prefix).getrandbits(128), version=4))
        return known | {"base-query": self.query, "agent": f"scimproof/{__version__}"}

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine by its address (no name is resolved except localhost)."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def ssl_context(self) -> ssl.SSLContext:
        """TLS as configured; raises UsageError when a certificate file cannot be read."""
        try:
            context = ssl.create_default_context(cafile=str(self.ca_bundle) if self.ca_bundle else None)
            if self.insecure:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.client_certificate:
                # With a password given, a locked key is an error instead of a question on the terminal.
                context.load_cert_chain(self.client_certificate, self.client_key, password="")
        except OSError as problem:
            files = " ".join(str(f) for f in (self.ca_bundle, self.client_certificate, self.client_key) if f)
            raise UsageError(f"the certificate files cannot be used ({files}): {problem}") from None
        context.set_alpn_protocols(["http/1.1"])
        return context


# What belongs to the message itself: a second one would make it another message, whoever sends it.
FRAMING = {"authorization", "connection", "content-length", "host", "transfer-encoding"}


# How headers are called that let somebody in.
SECRET_HEADER = re.compile(r"(?i)key|token|secret|password|auth|cookie|credential|signature|jwt")
WRONG_VALUE = "scimproof-wrong-credentials"
Headers = tuple[tuple[str, str], ...]


class Strangers(NamedTuple):
    """The user's headers as a client without credentials sends them, and the names of those left unchanged.

    Those left unchanged may be credentials too, which their names do not show.
    """

    headers: Headers
    left: tuple[str, ...]


def as_stranger(headers: Headers) -> Strangers:
    """The headers that look like credentials with a wrong value; a scheme such as `Bearer` is kept."""
    wrong = tuple(
        (name, f"{value.partition(' ')[0]} {WRONG_VALUE}" if " " in value else WRONG_VALUE)
        for name, value in headers
        if SECRET_HEADER.search(name)
    )
    return Strangers(wrong, tuple(name for name, _ in headers if not SECRET_HEADER.search(name)))


def with_headers(own: Headers, more: Iterable[tuple[str, str]]) -> Headers:
    """The request's own headers, then those of the user that it does not have already."""
    known = {name.lower() for name, _ in own}
    return (*own, *((name, value) for name, value in more if name.lower() not in known))


def parse_header(text: str, where: str = "--header") -> tuple[str, str]:
    """A pair of `Name: value`; UsageError when it is no header, or one that every request has already.

    Text that is no header is not repeated, since it may be a bare secret. `where` names its origin.
    """
    name, colon, value = text.partition(":")
    if not colon or not re.fullmatch(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", name):
        wrong = "has no such name" if colon else "has no colon"
        raise UsageError(f"{where}: a header looks like 'Name: value', and this {wrong}")
    if name.lower() in FRAMING:
        raise UsageError(f"{where}: {name}: every request has that header already; it stays as it is sent")
    return name, header_value(value.strip(), f"{where}: {name}")


def parse_url(text: str, *, query: bool = False) -> str:
    """A base URL as typed, without trailing slash; raises UsageError for what cannot be one.

    Whether it may have a `query` is the sender's to say.
    """
    url = text.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as problem:
        raise UsageError(f"--target {text!r} is not a URL: {problem}") from None
    if parts.username or parts.password:
        raise UsageError("credentials do not belong into --target; see --auth and SCIMPROOF_TOKEN")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"--target {text!r} is not a URL; it should look like https://host/scim/v2")
    if parts.fragment or (parts.query and not query):
        raise UsageError(f"--target {text!r} must not have a query or fragment (RFC 7644 section 1.3)")
    if not url.isascii() or any(c.isspace() for c in url):
        raise UsageError(f"--target {text!r} must be ASCII without blanks, percent-encoded where need be")
    return url
