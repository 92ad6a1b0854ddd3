"""Which requests of a browser session or a proxy's log are taken for SCIM."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

ENDPOINTS = ("Users", "Groups", "Me", "Bulk", "Schemas", "ResourceTypes", "ServiceProviderConfig", ".search")
MEDIA_TYPE = "application/scim+json"
URN = "urn:ietf:params:scim:"


@dataclass(frozen=True)
class ScimTraffic:
    """Tells SCIM requests from others: those below `base`, a URL; without one, what looks like SCIM.

    That is a path with an endpoint of RFC 7644 section 3.2, the media type of SCIM, or a body with one of
    its URNs.
    """

    base: str = ""

    def is_scim(self, url: str, *media_types: str, body: bytes = b"") -> bool:
        """Whether a request to that URL is taken for SCIM, by its and its answer's media types and body."""
        if self.base:
            return _below(url, self.base)
        if any(part in ENDPOINTS for part in urlsplit(url).path.split("/")):
            return True
        return any(MEDIA_TYPE in kind.lower() for kind in media_types) or URN.encode() in body


def _below(url: str, base: str) -> bool:
    """Whether a URL is below a base URL: same scheme, host and port, and its path at the beginning."""
    asked, wanted = urlsplit(url), urlsplit(base)
    if (asked.scheme.lower(), asked.netloc.lower()) != (wanted.scheme.lower(), wanted.netloc.lower()):
        return False
    path = wanted.path.rstrip("/")
    return asked.path == path or asked.path.startswith(f"{path}/")
