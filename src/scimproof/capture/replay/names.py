"""Names of a replay: each recorded userName, address, group name and externalId as one of this run's."""

from __future__ import annotations

import re
import threading
import uuid
from dataclasses import dataclass, field

from scimproof.catalog.identities import DOMAIN
from scimproof.core.scim import PREFIX

ADDRESS = re.compile(r"[^\s@\"<>(),;:]+@[^\s@\"<>(),;:]+\.[^\s@\"<>(),;:.]+")
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
RESERVED = re.compile(r"(?:.+\.)?(?:example(?:\.com|\.org|\.net)?|test|invalid|localhost)", re.IGNORECASE)
TAG = "replay"


@dataclass
class NameMapping:
    """Gives each recorded name its name in this run: the prefix, a tag, and the recorded name.

    Two names are one in this run only if they were one; letter case, odd characters and the order of names
    stay. An address is at example.com, and its domain decides the tag, so that people of the same local
    part in two domains stay two. The names that another run of scimproof gave keep all but their prefix.
    """

    prefix: str
    _tags: dict[str, str] = field(default_factory=dict)
    _ours: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def person(self, name: str) -> str:
        """A userName or an address."""
        local, at, domain = name.rpartition("@")
        if (own := self._renamed(name)) is not None or not name.strip():
            return name if own is None else own
        if not at:
            return self._joined(self._tag(""), ".", name)
        new = DOMAIN.upper() if domain.isupper() else DOMAIN
        shown = domain if RESERVED.fullmatch(domain) else new
        return self._joined(self._tag(domain), ".", f"{local}@{shown}")

    def group(self, name: str) -> str:
        """The displayName of a group."""
        if (own := self._renamed(name)) is not None or not name.strip():
            return name if own is None else own
        return self._joined(TAG, " ", name)

    def external(self, id: str) -> str:
        """An externalId; one that is a GUID stays one, since some targets want nothing else."""
        if ADDRESS.fullmatch(id):
            return self.person(id)
        if GUID.fullmatch(id):
            new = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.prefix}/{id.lower()}"))
            return new.upper() if id != id.lower() and id == id.upper() else new
        if (own := self._renamed(id)) is not None or not id.strip():
            return id if own is None else own
        return self._joined(TAG, ".", id)

    def beginning(self, text: str) -> str:
        """What names begin with (`sw`): as the names of the domain that was seen first."""
        if (own := self._renamed(text)) is not None:
            return own
        if "@" in text:
            return self.person(text)
        first = next(iter(self._tags.values()), TAG)
        return self._joined(first, ".", text)

    def anything(self, text: str) -> str:
        """A text that stands in no place of a name: an address, or a name of another run, is mapped."""
        if ADDRESS.fullmatch(text):
            return self.person(text)
        own = self._renamed(text)
        return text if own is None else own

    def _joined(self, tag: str, mark: str, name: str) -> str:
        return f"{self.prefix}.{tag}{mark}{name}"

    def _renamed(self, name: str) -> str | None:
        """A name of the first other run that is met, under this run's prefix; None for any other name.

        What an earlier replay has named is a name like any other.
        """
        found = PREFIX.match(name.casefold())
        if found is None or name[found.end() + 1 :].casefold().startswith(TAG):
            return None
        with self._lock:
            self._ours = self._ours or found[0]
        if found[0] != self._ours:
            return None
        return (self.prefix.upper() if name[: found.end()].isupper() else self.prefix) + name[found.end() :]

    def _tag(self, domain: str) -> str:
        """The tag of a domain, in any letter case; `replay` for the first one."""
        key = domain.casefold()
        with self._lock:
            if key not in self._tags:
                self._tags[key] = f"{TAG}{len(self._tags) or ''}"
            return self._tags[key]
