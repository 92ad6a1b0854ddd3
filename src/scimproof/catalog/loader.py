"""Loads suites/ and fixtures/ by path, and refuses references to what does not exist."""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType

from scimproof.catalog.actions import FILE as ACTIONS
from scimproof.catalog.actions import Repertoire, read_repertoires
from scimproof.catalog.app import App, AppRules, read_app_rules
from scimproof.catalog.identities import GROUPS, RESIDENT, group, person_blanks
from scimproof.catalog.legal_variety import LegalVariety, read_legal_variety
from scimproof.catalog.operations import (
    Operation,
    check_titles,
    read_logs,
    read_operations,
    read_sections,
)
from scimproof.catalog.provisioning_log import ProvisioningLog, check_shown
from scimproof.catalog.request_template import GRADES, NORMATIVE, Template, blanks_in, read_template
from scimproof.catalog.rows import Rows, read_rows
from scimproof.catalog.senders import Sender, default_sender, read_senders, sender_of
from scimproof.catalog.state_checks import with_state_checks
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import (
    QUESTIONS,
    Expansion,
    Feature,
    GlobalCheck,
    Profile,
    Requirement,
    Sequence,
    Step,
)
from scimproof.core.discovery import Attribute, read_schemas
from scimproof.core.errors import CatalogError, UsageError, did_you_mean
from scimproof.core.http_message import Json
from scimproof.core.paths import knowledge_root

RUN_BLANKS = {
    *("base", "base-query", "parent", "host", "authorization", "content-length", "agent"),
    *("prefix", "prefix-upper", "seed", "guid"),
}
HARNESS = "harness/"  # the folder of the requests that the harness sends for itself
BodyRule = Callable[[ExecutionContext], Json]
RulesOfApp = Callable[[App], Mapping[str, BodyRule]]
RulesOfBatch = Callable[[int], Mapping[str, BodyRule]]


@dataclass(frozen=True)
class Catalog:
    """All knowledge of a run, validated: every name that one part uses exists in another.

    `apps` are what senders say of an administrator's own app, `rules_of_apps` their body rules for one. With
    an `app` requests are as that app sends them (catalog.own_app), and `not_played` says of a sequence why it
    never sends it.

    `rules_of_batches` make a sender's body rules for the batches of a large group, the first batch first, of
    how many members one request carries.

    `expansions` are what sequences are executed for each of, `preparations` what several of them share.
    `rows` are those of the RFCs that requirements cover, `standard_schemas` the schemas of RFC 7643. `logs`
    are what the logs of senders show of answers.
    """

    root: Path
    requirements: Mapping[str, Requirement]
    templates: Mapping[str, Template]
    rules: Mapping[str, BodyRule]
    sequences: Mapping[str, Sequence]
    watches: Mapping[str, tuple[GlobalCheck, ...]]
    profiles: Mapping[str, Profile]
    operations: Mapping[str, Operation] = field(default_factory=dict)
    sections: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    senders: Mapping[str, Sender] = field(default_factory=dict)
    variety: LegalVariety = field(default_factory=LegalVariety)
    repertoires: Mapping[str, Repertoire] = field(default_factory=dict)
    apps: Mapping[str, AppRules] = field(default_factory=dict)
    rules_of_apps: Mapping[str, RulesOfApp] = field(default_factory=dict)
    app: App | None = None
    not_played: Mapping[str, str] = field(default_factory=dict)
    expansions: Mapping[str, Expansion] = field(default_factory=dict)
    preparations: Mapping[str, Sequence] = field(default_factory=dict)
    rows: Rows = field(default_factory=Rows)
    standard_schemas: Mapping[str, tuple[Attribute, ...]] = field(default_factory=dict)
    logs: Mapping[str, ProvisioningLog] = field(default_factory=dict)
    rules_of_batches: Mapping[str, RulesOfBatch] = field(default_factory=dict)

    def grade(self, sequence: Sequence) -> str:
        """The weakest grade of the sequence's requests, by the order of GRADES; empty where there is none."""
        grades = (self.templates[step.request].grade for step in sequence.sent)
        return max(grades, key=GRADES.index, default="")

    def is_normative(self, sequence: Sequence) -> bool:
        """Whether a request of the sequence is no vendor's traffic, but follows from the text of an RFC."""
        return any(self.templates[step.request].grade == NORMATIVE for step in sequence.sent)

    def sender(self, profile: Profile | None, sequences: Iterable[Sequence] = ()) -> Sender:
        """Who sends: whom the profile names, else whose the sequences are, or those of the profile."""
        if profile and profile.sender:
            return self.senders[profile.sender]
        ids = [sequence.id for sequence in sequences] or list(profile.sequences if profile else ())
        return sender_of(self.senders, ids)

    def sender_of_mix(self, profile: str, mix: Iterable[str]) -> Sender:
        """The same for a plan: the profile's name, "" for none, and the ids of the sequences in its mix.

        Where these are of one dialect, the sender speaks that outside sequences too.
        """
        named, ids = self.profile(profile) if profile else None, list(mix)
        sender = self.sender(named, [self.sequences[id] for id in ids])
        return sender.speaking({".".join(id.split(".")[:2]) for id in ids})

    def sender_of(self, request: str) -> Sender:
        """The sender whose request file this is; the default one for files of nobody (fixtures/harness)."""
        return self.senders.get(request.partition("/")[0]) or default_sender(self.senders)

    def as_sent_by(self, sender: Sender) -> Catalog:
        """The catalogue with the harness's own requests (fixtures/harness) as that sender would send them.

        They have its headers and its encoding of queries, so that a target sees one client.
        """
        read, create = (self.templates[sender.request(purpose)] for purpose in ("read", "create"))
        own = {
            path: replace(
                template, headers=(create if template.body else read).headers, encoding=sender.query
            )
            for path, template in self.templates.items()
            if path.startswith(HARNESS)
        }
        return replace(self, templates={**self.templates, **own})

    def pushing(self, sender: Sender, size: int) -> Catalog:
        """The catalogue with that sender's groups pushed `size` members a request; 0 for as many as it does.

        Sequences leave out the batches of which nobody is left, and have at most so many shared users as
        their batches hold.
        """
        usual = self.senders[sender.id].batch
        if not size or size == usual:
            return self
        rules = self.rules_of_batches[sender.id](size) if sender.id in self.rules_of_batches else {}
        places = {rule: place for place, rule in enumerate(rules)}
        sequences = {
            id: _in_batches(one, self.templates, places, usual, size) for id, one in self.sequences.items()
        }
        return replace(
            self,
            senders={**self.senders, sender.id: replace(self.senders[sender.id], batch=size)},
            rules={**self.rules, **rules},
            sequences=sequences,
        )

    def repertoire(self, sender: Sender) -> Repertoire:
        """What that sender's administrators do; UsageError where nobody has written it down."""
        if sender.id not in self.repertoires:
            raise UsageError(
                f"there is no suites/{sender.id}/{ACTIONS}, which would say what administrators of "
                f"{sender.name} do: nothing can be explored"
            )
        return self.repertoires[sender.id]

    def select(self, wanted: Iterable[str], *, inferred: bool = False) -> list[Sequence]:
        """Sequences by id or by dotted beginning (`<sender>.user`, `<sender>.user.*`), in catalogue order.

        Sequences with a request of grade D are left out unless `inferred` or named in full. Raises
        UsageError with a suggestion for an id that selects nothing.
        """
        chosen: dict[str, Sequence] = {}
        for word in wanted:
            stem = word.removesuffix("*").removesuffix(".")
            literal = stem.partition("[")[0] if stem not in self.sequences else stem
            literal = literal if literal in self.expanded else stem  # one case of it, or all of them
            hits = [s for s in self.sequences.values() if _is_of(s.id, literal)]
            hits = [s for s in hits if literal in (stem, s.id)]
            if not hits:
                raise UsageError(f"no sequence is called {word!r}{self.near(word)}")
            hits = [s for s in hits if inferred or s.id == word or self.grade(s) != "D"]
            key = stem.removeprefix(literal)[1:-1]
            for one in hits:
                before = chosen.get(one.id)
                whole = not key or (before is not None and not before.only)
                only = () if whole else (*(before.only if before else ()), key)
                chosen[one.id] = replace(one, only=only)
        return [chosen[id] for id in self.sequences if id in chosen]

    @property
    def expanded(self) -> frozenset[str]:
        """The ids of sequences that are executed for each case of an expansion."""
        return frozenset(sequence.id for sequence in self.sequences.values() if sequence.each)

    def near(self, word: str) -> str:
        """The hint for a word that selects nothing: the id, or beginning of ids, that may have been meant."""
        beginnings = {id.rsplit(".", cut)[0] for id in self.sequences for cut in range(1, id.count(".") + 1)}
        return did_you_mean(word, self.sequences, beginnings)

    def profile(self, name: str) -> Profile:
        """The profile of that name; UsageError with a suggestion when there is none."""
        if name not in self.profiles:
            raise UsageError(f"no profile is called {name!r}{did_you_mean(name, self.profiles)}")
        return self.profiles[name]

    def combined_profile(self, names: str) -> Profile:
        """One profile of all in a list as `profiles_in` reads it, with what each has; the first one sends."""
        first, *others = self.profiles_in(names)
        if not others:
            return first
        every = (first, *others)

        def of_all(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(text for one in every for text in getattr(one, name)))

        return replace(
            first,
            id=",".join(one.id for one in every),
            title=" and ".join(one.title for one in every),
            about=" ".join(one.about for one in every if one.about),
            sequences=of_all("sequences"),
            gates=of_all("gates"),
            watches=of_all("watches"),
            sender=self.sender(first).id,
        )

    def profiles_in(self, names: str) -> list[Profile]:
        """The profiles of a list as `--profile` has it, `<one>,<other>`, each once; UsageError for none."""
        words = [word.strip() for word in names.split(",")]
        if len(words) > 1 and "" in words:
            raise UsageError(f"in {names!r} the name of a profile is missing beside a comma")
        return list({word: self.profile(word) for word in words}.values())


def load_catalog(root: Path | None = None) -> Catalog:
    """Read suites/ and fixtures/ under `root`; raises CatalogError naming the file that is wrong."""
    root = root or knowledge_root()
    requirements = _requirements(root / "suites" / "requirements")
    senders = read_senders(root / "suites")
    templates = _templates(root / "fixtures", senders)
    sequences: dict[str, Sequence] = {}
    rules: dict[str, BodyRule] = {}
    watches: dict[str, tuple[GlobalCheck, ...]] = {}
    of_apps: dict[str, RulesOfApp] = {}
    of_batches: dict[str, RulesOfBatch] = {}
    expansions: dict[str, Expansion] = {}
    preparations: dict[str, Sequence] = {}
    for path in sorted((root / "suites").glob("*/**/*.py"), key=lambda path: _place(path, root / "suites")):
        module = _load(path, root / "suites")
        rules |= getattr(module, "RULES", {})
        watches |= getattr(module, "WATCHES", {})
        expansions |= getattr(module, "EXPANSIONS", {})
        preparations |= {one.id: one for one in getattr(module, "PREPARATIONS", ())}
        if of_app := getattr(module, "rules_of_app", None):
            of_apps[_place(path, root / "suites")[0]] = of_app
        if of_batch := getattr(module, "rules_of_batch", None):
            sender = _place(path, root / "suites")[0]
            of_batches[sender] = of_batch
            rules |= of_batch(senders[sender].batch)
        for sequence in getattr(module, "SEQUENCES", ()):
            if sequence.id in sequences:
                raise CatalogError(f"{path.name}: sequence {sequence.id} exists already")
            sequences[sequence.id] = with_state_checks(sequence, templates, senders)
    profiles = _profiles(root / "suites" / "profiles")
    operations = read_operations(root / "suites", senders)
    sections = read_sections(root / "suites" / "sections.toml")
    catalog = Catalog(
        root,
        requirements,
        templates,
        rules,
        sequences,
        watches,
        profiles,
        operations,
        sections,
        senders,
        read_legal_variety(root / "suites"),
        read_repertoires(root / "suites", senders, templates, requirements),
        read_app_rules(root / "suites"),
        of_apps,
        expansions=expansions,
        preparations=preparations,
        rows=read_rows(root / "suites" / "rows.toml"),
        standard_schemas=read_schemas(read_json(root / "fixtures" / "schemas" / "rfc7643.json")),
        logs=read_logs(root / "suites", senders),
        rules_of_batches=of_batches,
    )
    _check(catalog)
    return catalog


def _in_batches(
    sequence: Sequence, templates: Mapping[str, Template], places: Mapping[str, int], usual: int, size: int
) -> Sequence:
    """The sequence with batches of that size; as it is where none of its requests is a batch."""
    batches = {
        step.id: places[rule]
        for step in sequence.sent
        for rule in templates[step.request].rules & places.keys()
    }
    if not batches or not sequence.population:
        return sequence
    more = max(0, sequence.population - len(batches) * usual)  # shared users who come on their own
    population = min(sequence.population, len(batches) * size + more)
    kept = (
        step for step in sequence.steps if not (place := batches.get(step.id, 0)) or place * size < population
    )
    return replace(sequence, steps=tuple(kept), population=population)


def _requirements(folder: Path) -> dict[str, Requirement]:
    found: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        data = read_toml(path)
        authority = data.pop("authority")
        for key, fields in data.items():
            if key in found:
                raise CatalogError(f"{path.name}: requirement {key} exists already")
            _check_words(f"{path.name}: [{key}]", fields)
            try:
                rows, then = tuple(fields.pop("rows", ())), tuple(fields.pop("then", ()))
                found[key] = Requirement(id=key, authority=authority, rows=rows, then=then, **fields)
            except TypeError as problem:
                raise CatalogError(f"{path.name}: [{key}] {problem}") from None
    return found


def _check_words(where: str, fields: Mapping[str, Json]) -> None:
    """A requirement has a sentence for its violation, and that is not the rule itself."""
    if not fields.get("broken") or fields["broken"] == fields.get("statement"):
        raise CatalogError(
            f'{where} lacks broken, a sentence that says what is wrong when it does not hold: broken = "..."'
        )
    unknown = set(fields.get("groups", {})) - {"broken", "admin", "then"}
    if unknown:
        names = ", ".join(sorted(unknown))
        raise CatalogError(f"{where}: groups has {names}; it can have broken, admin and then")


def read_toml(path: Path) -> dict[str, Json]:
    """A TOML file as a dict; CatalogError with file and line when it does not parse."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{path.name}: {problem}") from None


def read_json(path: Path) -> Json:
    """A JSON file; CatalogError with its name when it does not parse, None where there is none."""
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as problem:
        raise CatalogError(f"{path.name}: {problem}") from None


def _templates(folder: Path, senders: Mapping[str, Sender]) -> dict[str, Template]:
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.http"))
    found = {}
    for name in names:
        template, sender = read_template(folder / name, name), senders.get(name.partition("/")[0])
        found[name] = replace(template, encoding=sender.query) if sender else template
    return found


def _profiles(folder: Path) -> dict[str, Profile]:
    found = {}
    for path in sorted(folder.glob("*.toml")):
        data = read_toml(path)
        data |= {key: tuple(data.get(key, ())) for key in ("sequences", "gates", "watches", "observed")}
        features = tuple(_feature(row) for row in data.pop("feature", ()))
        try:
            found[path.stem] = Profile(id=path.stem, features=features, **data)
        except TypeError as problem:
            raise CatalogError(f"{path.name}: {problem}") from None
    return found


def _feature(row: dict[str, Json]) -> Feature:
    requests, findings = (tuple(row.pop(key, ())) for key in ("requests", "findings"))
    return Feature(requests=requests, findings=findings, **row)


def _place(path: Path, suites: Path) -> tuple[str, str]:
    """The order of suites/ in the catalogue: by provider, then by the file's own name."""
    return path.relative_to(suites).parts[0], path.stem


def _load(path: Path, suites: Path) -> ModuleType:
    """Import a module of suites/ by path, in a package of its own, so that its neighbours can be imported."""
    package, folder = f"scimproof_suites_{abs(hash(str(suites)))}", suites
    _package(package, folder)
    for part in path.parent.relative_to(suites).parts:
        package, folder = f"{package}.{part}", folder / part
        _package(package, folder)
    full = f"{package}.{path.stem}"
    if full in sys.modules:
        return sys.modules[full]
    try:
        return importlib.import_module(full)
    except Exception as problem:
        where = f"suites/{path.relative_to(suites).as_posix()}"
        raise CatalogError(f"{where} cannot be loaded: {type(problem).__name__}: {problem}") from problem


def _package(name: str, folder: Path) -> None:
    """A package without a file, whose modules are found in that folder."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_loader(name, loader=None, is_package=True)
        assert spec is not None
        module = importlib.util.module_from_spec(spec)
        module.__path__ = [str(folder)]
        sys.modules[name] = module


def _is_of(id: str, stem: str) -> bool:
    """Whether a sequence is meant by the beginning of its id: up to a dot, or to the key of a form."""
    return id == stem or id.startswith((stem + ".", stem + "["))


def _check(catalog: Catalog) -> None:
    used = {template.operation for template in catalog.templates.values()}
    check_titles(used, catalog.requirements, catalog.operations, catalog.sections)
    for sequence in (*catalog.preparations.values(), *catalog.sequences.values()):
        _check_sequence(catalog, sequence)
    _check_rows(catalog)
    _check_logs(catalog)
    for watches in catalog.watches.values():
        for watch in watches:
            _known(watch.requirement, catalog.requirements, "a watch")
    for profile in catalog.profiles.values():
        catalog.select(profile.sequences)
        for name in profile.watches:
            _known(name, catalog.watches, f"profile {profile.id}")
        if profile.sender:
            _known(profile.sender, catalog.senders, f"profile {profile.id}: sender")
    for sender in catalog.senders.values():
        _check_sender(catalog, sender)
    for id, rules in catalog.apps.items():
        _check_app(catalog, f"suites/{id}/app.toml", rules)


def _check_rows(catalog: Catalog) -> None:
    """The rows that requirements cover exist."""
    for requirement in catalog.requirements.values():
        for row in requirement.rows:
            _known(row, catalog.rows.levels, requirement.id)


def _check_logs(catalog: Catalog) -> None:
    """What requirements say of a log stands in that of the sender whose authority they are of."""
    by_authority = {
        authority: catalog.logs[id]
        for id, sender in catalog.senders.items()
        for authority in sender.words.authorities
        if id in catalog.logs
    }
    check_shown(catalog.requirements.values(), by_authority)


def _check_sender(catalog: Catalog, sender: Sender) -> None:
    """What a sender names exists: requests, its profile, the rule of a batch, sequences of its mix."""
    where = f"suites/{sender.id}/sender.toml"
    of_dialects = (file for dialect in sender.dialects.values() for file in dialect.requests.values())
    for file in (*sender.requests.values(), *of_dialects, *sender.deprovisions):
        _known(file, catalog.templates, where)
    for requirement in (*sender.state.requirements, *sender.state.refusals):
        _known(requirement, catalog.requirements, f"{where}: [state]")
    _known(sender.profile, catalog.profiles, f"{where}: profile")
    if sender.has("add_members"):
        _known(sender.batch_rule, catalog.rules, f"{where}: [push] rule")
    for weighted in sender.mix.split():
        _known(weighted.partition("=")[0], catalog.sequences, f"{where}: [load] mix")


def _check_app(catalog: Catalog, where: str, rules: AppRules) -> None:
    """What a sender says of apps names what exists: files, body rules, operations, steps."""
    _known(rules.sender, catalog.senders, where)
    for name in rules.whole:
        _known(name, catalog.templates, f"{where}: [bodies] whole")
    for name in rules.rules:
        _known(name, catalog.rules, where)
    used = {template.operation for template in catalog.templates.values()}
    for operation in (*rules.operations, *(one for some in rules.actions.values() for one in some)):
        _known(operation.partition(" ")[0], dict.fromkeys(used), where)
    steps = {step.id for sequence in catalog.sequences.values() for step in sequence.steps}
    for step, attributes in rules.changes.items():
        _known(step, dict.fromkeys(steps), f"{where}: [bodies.changes]")
        for name in attributes:
            _known(name, rules.profile, f"{where}: [bodies.changes] {step}")


def _check_sequence(catalog: Catalog, sequence: Sequence) -> None:
    known = RUN_BLANKS | _cast_blanks(sequence) | _shared_blanks(catalog, sequence)
    seen: set[str] = set()
    for step in sequence.steps:
        where = f"{sequence.id}/{step.id}"
        if step.id in seen:
            raise CatalogError(f"{where}: this sequence has two steps of that id")
        seen.add(step.id)
        if step.observe:
            _check_observing(catalog, where, step, known)
            continue
        template = catalog.templates.get(step.request)
        if template is None:
            raise CatalogError(
                f"{where}: no file fixtures/{step.request}{did_you_mean(step.request, catalog.templates)}"
            )
        texts = set(step.blanks) | _case_blanks(catalog, step.each, where)
        named = template.blanks.union(*(blanks_in(text) for text in step.blanks.values()))
        needed = {step.recast(blank) for blank in named}
        unknown = needed - known - texts - _counters(step)
        if unknown:
            raise CatalogError(
                f"{where}: {step.request} has blanks nobody fills: {', '.join(sorted(unknown))}"
            )
        for rule in template.rules:
            _known(rule, catalog.rules, f"{where}: {step.request}")
        _check_requirements(catalog, where, step)
        for name in (step.otherwise, *(check.beside for check in step.checks)):
            if name:
                _known(name, catalog.templates, where)
        known |= set(step.save) | ({f"{step.creates}.id"} if step.creates else set())


def _case_blanks(catalog: Catalog, each: str, where: str) -> frozenset[str]:
    """The template variables that every case of an expansion has."""
    if not each:
        return frozenset()
    _known(each, catalog.expansions, where)
    return catalog.expansions[each].blanks


def _shared_blanks(catalog: Catalog, sequence: Sequence) -> set[str]:
    """The template variables that a sequence has of its cases and of the preparation that it shares."""
    blanks = set(_case_blanks(catalog, sequence.each, sequence.id))
    if sequence.shares:
        _known(sequence.shares, catalog.preparations, sequence.id)
        shared = catalog.preparations[sequence.shares]
        blanks |= _cast_blanks(shared) | _case_blanks(catalog, shared.each, shared.id)
        for step in shared.steps:
            blanks |= set(step.save) | ({f"{step.creates}.id"} if step.creates else set())
    return blanks


def _check_observing(catalog: Catalog, where: str, step: Step, known: set[str]) -> None:
    """A step that asks the observer sends nothing, and asks about a resource whose id is known by then."""
    if step.request or step.creates or step.save or step.pages or step.times > 1:
        raise CatalogError(f"{where}: a step that asks the observer sends no request")
    if step.act and (step.checks or not step.given or step.observe != "user"):
        raise CatalogError(f"{where}: what people do is preparation, to a user, without checks of its own")
    if step.observe not in QUESTIONS:
        raise CatalogError(f"{where}: observe is {step.observe!r}, none of {', '.join(QUESTIONS)}")
    subject = step.recast(f"{step.observe.partition('-')[0]}.id")
    if subject not in known:
        raise CatalogError(f"{where}: no step before it gives {subject}, whom the observer is asked about")
    if not step.act:
        _check_requirements(catalog, where, step)


def _counters(step: Step) -> set[str]:
    """The template variables that only a repeated step has."""
    walked = {"startIndex", "cursor"} if step.pages else {"onward"}
    walked |= {"onward"} if step.pages == "follow" else set()
    walked |= {"member.id"} if step.members else set()
    return walked | ({"number"} if step.times > 1 or step.each else set())


def _check_requirements(catalog: Catalog, where: str, step: Step) -> None:
    ids = [check.requirement for check in step.checks]
    for check in (*step.checks, *step.effect):
        _known(check.requirement, catalog.requirements, where)
    if step.effect and not step.given:
        raise CatalogError(f"{where}: only a preparing step is looked at for its effect")
    if len(ids) != len(set(ids)):
        raise CatalogError(f"{where}: a requirement is asked twice at one step: {', '.join(sorted(ids))}")
    if not ids:
        raise CatalogError(f"{where}: a step needs a check, its gate")


def _cast_blanks(sequence: Sequence) -> set[str]:
    blanks = set()
    residents = [name for name, kind in sequence.people.items() if kind == RESIDENT]
    if len(residents) > sequence.population:
        raise CatalogError(f"{sequence.id}: {len(residents)} residents need a population of as many")
    for name, kind in sequence.people.items():
        if kind == RESIDENT:
            blanks |= {f"{name}.id", f"{name}.userName"}
            continue
        blanks |= {f"{name}.{key}" for key in person_blanks(sequence.id, kind)}
    for name, kind in sequence.groups.items():
        if kind not in GROUPS:
            raise CatalogError(f"{sequence.id}: no kind of group is called {kind!r}")
        blanks |= {f"{name}.{key}" for key in group("scimproof-00000000", sequence.id, kind)}
    return blanks


def _known(name: str, among: Mapping[str, object], where: str) -> None:
    if name not in among:
        raise CatalogError(f"{where}: {name!r} does not exist{did_you_mean(name, among)}")
