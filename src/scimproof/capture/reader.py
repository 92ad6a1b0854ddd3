"""Reads a capture of any known form: capture files, HAR, report.json, a folder of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from scimproof.capture.capture_file import SUFFIX, read_lines, target_of
from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.forms.file_form import FileForm, file_form
from scimproof.capture.forms.har import read_har
from scimproof.capture.forms.report_exchanges import read_report, report_target
from scimproof.capture.forms.scim_traffic import ScimTraffic
from scimproof.capture.forms.unreadable import UnreadableEntry
from scimproof.capture.masking import Masking
from scimproof.core.errors import UsageError

SUFFIXES = (SUFFIX, ".har", ".json")  # of files in a folder that are looked into
FORMS = f"capture files ({SUFFIX}), HAR, report.json"
MOST_PLACES = 20  # sentences about what could not be read that are kept


@dataclass
class Capture:
    """Capture at a path; iterating reads it anew each time, one exchange after another, in bounded memory.

    The form of each file shows in its content. `base` is the URL below which requests in a HAR are taken for
    SCIM; without one it is what looks like SCIM. Afterwards `unreadable` is how many lines were torn or are
    no exchanges, `places` the first sentences about them, and `skipped` how many requests were of something
    else. What others have written is masked as it is read, `hidden` headers too, as what is recorded is.
    Raises UsageError with the path for what cannot be read or is no capture, also while iterating.
    """

    path: Path
    unreadable: int = 0
    base: str = ""
    hidden: Collection[str] = ()
    skipped: int = field(default=0, init=False)
    places: list[str] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if not self.path.exists():
            raise UsageError(f"{self.path}: there is no such file or folder")
        if not self._forms:
            what = "no capture is in it" if self.path.is_dir() else "it is no capture"
            raise UsageError(f"{self.path}: {what} ({FORMS})")

    @property
    def files(self) -> list[Path]:
        """The files that it consists of, oldest name first."""
        return list(self._forms)

    @cached_property
    def _forms(self) -> dict[Path, FileForm]:
        if self.path.is_dir():
            files = sorted(path for path in self.path.iterdir() if path.suffix in SUFFIXES and path.is_file())
        else:
            files = [self.path]
        return {path: form for path in files if (form := file_form(path))}

    @cached_property
    def target(self) -> str:
        """The base URL that the traffic was sent to, as far as it is known; empty otherwise."""
        for path, form in self._forms.items():
            if form is FileForm.CAPTURE and (found := target_of(path)):
                return found
            if form is FileForm.REPORT and (found := report_target(path)):
                return found
        return self.base

    def __iter__(self) -> Iterator[CapturedExchange]:
        self.unreadable, self.skipped, self.places = 0, 0, []
        masking = Masking(self.hidden)
        for path, form in self._forms.items():
            for number, found in enumerate(self._read(path, form), 1):
                if isinstance(found, CapturedExchange):
                    yield found if form is FileForm.CAPTURE else _masked(found, masking)
                elif isinstance(found, UnreadableEntry):
                    self._unreadable(str(found))
                elif form is FileForm.CAPTURE:
                    self._unreadable(f"{path}, exchange {number}: its line is torn")
                else:
                    self.skipped += 1

    def _read(self, path: Path, form: FileForm) -> Iterator[CapturedExchange | UnreadableEntry | None]:
        if form is FileForm.HAR:
            return read_har(path, ScimTraffic(self.base))
        return read_report(path) if form is FileForm.REPORT else read_lines(path)

    def _unreadable(self, sentence: str) -> None:
        self.unreadable += 1
        if len(self.places) < MOST_PLACES:
            self.places.append(sentence)


def _masked(exchange: CapturedExchange, masking: Masking) -> CapturedExchange:
    """The exchange without secrets; what was replaced by others before stays named."""
    made = masking.exchange(exchange)
    return replace(made, masked=tuple(sorted({*exchange.masked, *made.masked})))
