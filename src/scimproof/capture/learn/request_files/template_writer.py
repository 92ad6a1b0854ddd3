"""Template writer: request files of the captured requests that are not as they are sent here."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from scimproof.capture.exchange import CapturedExchange
from scimproof.capture.learn.recognition import Recognition
from scimproof.capture.learn.request_files.body_placement import TYPES
from scimproof.capture.learn.request_files.known_resources import KnownResources
from scimproof.capture.learn.request_files.placement import PlacedRequest, Placer
from scimproof.capture.learn.request_files.request_form import FormKey, form_of
from scimproof.capture.learn.request_files.request_target import RequestTarget
from scimproof.capture.learn.request_files.round_trip import not_expressed
from scimproof.capture.learn.request_files.vocabulary import Vocabulary
from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import BLANK, Template, read_template, template_of
from scimproof.catalog.senders import Encoding
from scimproof.core.errors import CatalogError, UsageError
from scimproof.core.paths import shown

MOST_FORMS = 10  # files of one operation; the ones that were seen most often
MOST_KEPT = 2000  # forms of a capture, so that one of endless variety fits into memory
ORDERS = ("ascending", "descending")
UNKNOWN = "UNKNOWN"
SHORTEST = 3  # characters of a text that is looked for in what was made
SCHEMA = re.compile(r'(?<=")urn:(?!ietf:params:scim:)[\w:.-]+(?=")')
WORD = re.compile(r"\w+")


@dataclass
class SeenForm:
    """One form of a request: its first exchange, and how often it came."""

    exchange: CapturedExchange
    recognition: Recognition
    count: int = 0


@dataclass(frozen=True)
class RequestFile:
    """A request file that was made of a capture.

    `path` is where it belongs below fixtures/, `text` its content, `ours` the file it is nearest to (empty
    for none). `to_review` are blanks that nobody could place, `not_expressed` what of the captured bytes the
    file cannot say, `leaks` how many texts of the capture it would still show: then it is not written.
    """

    path: str
    text: str
    ours: str
    count: int
    to_review: tuple[str, ...]
    not_expressed: tuple[str, ...]
    leaks: int = 0
    written: str = ""
    known_already: bool = False


@dataclass
class TemplateWriter:
    """Collects the requests of a capture that differ, or that nobody knows, and makes request files of them.

    `source` is the name of the capture, `vocabulary` that of the catalogue, made here without one. One file
    is made for each form of an operation. `withheld` counts requests whose body is not whole in the capture,
    `beyond` those of forms beyond the number that is kept, `unwritable` those that no request file can hold.
    """

    catalog: Catalog
    source: str
    vocabulary: Vocabulary | None = None
    forms: dict[FormKey, SeenForm] = field(default_factory=dict)
    known: KnownResources = field(default_factory=KnownResources)
    withheld: int = 0
    beyond: int = 0
    unwritable: int = 0

    def look(self, exchange: CapturedExchange, recognition: Recognition) -> None:
        """Take an exchange of the capture; all of them, since each may tell of whom another one is."""
        self.known.observe(exchange)
        own = recognition.sender and recognition.sender not in self.catalog.senders  # scimproof's own
        if recognition.as_sent or own or not exchange.method:
            return
        if exchange.withheld or _cut(exchange):
            self.withheld += 1
            return
        key = form_of(exchange, recognition)
        if key not in self.forms:
            if len(self.forms) >= MOST_KEPT:
                self.beyond += 1
                return
            self.forms[key] = SeenForm(exchange, recognition)
        self.forms[key].count += 1

    def files(self) -> list[RequestFile]:
        """The files, those of the most frequent forms of each operation, with the texts that would leak."""
        vocabulary = self.vocabulary or Vocabulary(self.catalog.templates)
        placer = Placer(vocabulary, self.known)
        taken: set[str] = set()
        self.unwritable = 0
        made = [file for one in self._frequent() if (file := self._file(placer, one, taken))]
        return _without_leaks(made, self.known.data, vocabulary)

    @cached_property
    def _told_source(self) -> str:
        """The name of the capture, unless a host or somebody of it is in that."""
        name = self.source.casefold()
        told = any(len(one) >= SHORTEST and one.casefold() in name for one in self.known.data)
        return "a capture" if told else f"capture {self.source}"

    @property
    def left_out(self) -> Counter[str]:
        """How many forms are not written, by operation, since the operation has more frequent ones."""
        every = Counter(_operation(one.recognition) for one in self.forms.values())
        kept = Counter(_operation(one.recognition) for one in self._frequent())
        return every - kept

    def _frequent(self) -> list[SeenForm]:
        """The forms that are written, in the order in which they were seen."""
        ranked = sorted(self.forms.values(), key=lambda one: -one.count)
        numbers: Counter[str] = Counter()
        kept = []
        for form in ranked:
            name = f"{_operation(form.recognition)} {_place(form)}"
            numbers[name] += 1
            if numbers[name] <= MOST_FORMS:
                kept.append(form)
        return sorted(kept, key=lambda one: one.exchange.number)

    def _file(self, placer: Placer, form: SeenForm, taken: set[str]) -> RequestFile | None:
        """The file of a form; None where no request file can hold it, as with a header that has no name."""
        recognition, exchange = form.recognition, form.exchange
        sender = self.catalog.senders.get(recognition.sender)
        encoding: Encoding = sender.query if sender else _seen_encoding(exchange)
        placed = placer.place(exchange, recognition, encoding)
        ours = self.catalog.templates.get(recognition.template)
        path = _free(_place(form), taken)
        comments = list(self._comments(form, placed, ours, placer))
        request = f"\n\n{placed.message}\n"
        try:
            template = template_of("\n".join(comments) + request, path)
        except CatalogError:
            self.unwritable += form.count
            return None
        apart = not_expressed(template, placed, encoding, exchange)
        comments += [
            f"# not byte for byte as captured, since no request file says it: {one}" for one in apart
        ]
        text = "\n".join(comments) + request
        return RequestFile(
            path, text, ours.path if ours else "", form.count, tuple(placed.to_review), tuple(apart)
        )

    def _comments(
        self, form: SeenForm, placed: PlacedRequest, ours: Template | None, placer: Placer
    ) -> Iterator[str]:
        """The provenance, and what a reviewer has to know."""
        exchange, recognition = form.exchange, form.recognition
        day = datetime.fromtimestamp(exchange.at, UTC).date().isoformat()
        yield f"# operation: {_operation(recognition)}"
        yield "# grade: C"
        yield f"# source: {self._told_source}, exchange {exchange.number}"
        yield f"# date: {day}"
        yield f"# shows: {ours.shows if ours else _sentence(placed)}, as it was seen"
        yield f"# seen {form.count} time{'' if form.count == 1 else 's'} in the capture"
        if exchange.fidelity != "wire":
            yield "# not from the wire: another program has read and written these bytes anew"
        for one in recognition.differences:
            where = "" if placer.tells(one.where) else one.where
            yield f"# differs from {recognition.template}, {one.kind}: {_line(where) or 'see below'}"
        for urn in sorted(set(SCHEMA.findall(placed.body)) - placer.vocabulary.words):
            yield f"# to be reviewed, a schema that is no standard and may name somebody: {urn}"
        for name in placed.to_review:
            yield f"# to be reviewed, a value of the capture that nobody could place: {name}"


def write(files: Iterable[RequestFile], folder: Path) -> list[RequestFile]:
    """Write the files below a folder, over none that is there; UsageError where that fails.

    Returns them with where they are; `known_already` are those whose request is in a file there.
    """
    done = []
    for file in files:
        if file.leaks:
            done.append(file)
            continue
        path, already = _room(folder / file.path, file.text)
        try:
            if not already:
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("x", encoding="utf-8", newline="\n") as out:
                    out.write(file.text)
                read_template(path, file.path)
        except (OSError, ValueError) as problem:
            why = problem.strerror if isinstance(problem, OSError) else problem
            raise UsageError(f"{shown(path)} cannot be written: {why}") from None
        done.append(_with(file, path, already=already))
    return done


def difference(file: RequestFile, fixtures: Path) -> str:
    """The unified diff from the request file that it is nearest to; empty where there is none."""
    path = fixtures / file.ours
    if not file.ours or not path.is_file():
        return ""
    old, new = (_request(text) for text in (path.read_text(encoding="utf-8"), file.text))
    names = (f"fixtures/{file.ours}", file.written or file.path)
    return "\n".join(difflib.unified_diff(old, new, *names, lineterm=""))


def _operation(recognition: Recognition) -> str:
    return recognition.operation or UNKNOWN


def _place(form: SeenForm) -> str:
    """Where the file belongs: beside the one that it is nearest to, or among the unknown."""
    recognition = form.recognition
    if recognition.template:
        return f"{recognition.template.removesuffix('.http')}-seen.http"
    place = RequestTarget.of(form.exchange.target)
    parts = [form.exchange.method, place.endpoint or "other", *(["id"] if place.id else [])]
    parts += ["filter"] if "filter=" in place.query else []
    name = re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower()).strip("-")
    return f"{recognition.sender}/unknown/{name}.http" if recognition.sender else f"unknown/{name}.http"


def _numbered(path: str, number: int) -> str:
    return path if number == 1 else f"{path.removesuffix('.http')}-{number}.http"


def _free(path: str, taken: set[str]) -> str:
    number = next(n for n in range(1, len(taken) + 2) if _numbered(path, n) not in taken)
    taken.add(_numbered(path, number))
    return _numbered(path, number)


def _room(path: Path, text: str) -> tuple[Path, bool]:
    """The first path with a number behind its name where nothing is, or where the same request is."""
    number = 1
    while (found := path.with_name(_numbered(path.name, number))).exists():
        try:
            if _request(found.read_text(encoding="utf-8")) == _request(text):
                return found, True
        except (OSError, ValueError):
            pass
        number += 1
    return found, False


def _with(file: RequestFile, path: Path, *, already: bool) -> RequestFile:
    return replace(file, written=shown(path), known_already=already)


def _request(text: str) -> list[str]:
    """The lines of a request file without its comments."""
    lines = text.split("\n")
    start = next((place for place, line in enumerate(lines) if line and not line.startswith("#")), 0)
    return lines[start:]


def _sentence(placed: PlacedRequest) -> str:
    target = re.sub(r"\{\{[%!]?base\}\}", "", placed.target)
    return f"{placed.method} {target}"


def _seen_encoding(exchange: CapturedExchange) -> Encoding:
    """How a sender that nobody knows encodes the values of its queries, by one of them."""
    query = RequestTarget.of(exchange.target).query
    if not re.search(r"\+(eq|ne|co|sw|ew|and|or)\+", query):
        return "percent"
    return "form-lower" if re.search(r"%(?:[a-f].|.[a-f])", query) else "form"


def _cut(exchange: CapturedExchange) -> bool:
    """Whether the request ended before its body did."""
    stated = exchange.request.header("Content-Length") or ""
    return stated.isdigit() and not exchange.request.chunked and int(stated) > len(exchange.request.payload)


def _line(text: str) -> str:
    return " ".join(text.split())


def _without_leaks(
    files: list[RequestFile], texts: Iterable[str], vocabulary: Vocabulary
) -> list[RequestFile]:
    """The files, each with how many texts of the capture it would still show."""
    public = {word.casefold() for word in (*vocabulary.words, *vocabulary.texts, *TYPES, *ORDERS)}
    contents = [_data(file.text).casefold() for file in files]
    whole = "\n".join(contents)
    there = set(WORD.findall(whole))
    counts = Counter[int]()
    for text in {one.casefold().strip() for one in texts}:
        words = WORD.findall(text)
        if len(text) < SHORTEST or text in public or not words or words[0] not in there:
            continue
        if text not in whole:
            continue
        alone = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
        counts.update(place for place, content in enumerate(contents) if alone.search(content))
    return [replace(file, leaks=counts[place]) for place, file in enumerate(files)]


def _data(text: str) -> str:
    """What of a file may show something of the capture: the request without blanks, and the differences."""
    request = "\n".join(_request(text))
    told = [line.partition(": ")[2] for line in text.split("\n") if line.startswith("# differs")]
    return BLANK.sub(" ", "\n".join([*told, request]))
