"""Submissions: what a provider's catalogue asks for beside requests, read from suites/*/submission.toml.

A provider who lists apps in a catalogue tests them with suites of its own, has cases clicked through by hand,
and wants the app's address and authentication to be of some form. All that is data, in a folder of suites/
under the name of the option that writes the pack for it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

from scimproof.catalog.loader import Catalog, read_toml
from scimproof.core.definitions import Profile
from scimproof.core.errors import CatalogError, UsageError, did_you_mean
from scimproof.core.paths import knowledge_root

FILE = "submission.toml"

Kind = Literal["here", "eyes", "outside"]
KINDS = ("here", "eyes", "outside")


@dataclass(frozen=True, kw_only=True)
class ManualCase:
    """One manual case; a finding decides it if its id matches one of the patterns in `findings`.

    `look` is what a person has to see at the provider, `why` why nothing of it can be played. An `optional`
    one that fails stands in no submission's way.
    """

    id: str
    section: str
    kind: Kind
    title: str
    expected: str
    traffic: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    look: str = ""
    why: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Assertion:
    """One assertion of a suite of the provider's and the id of the finding that answers it."""

    text: str
    finding: str
    script: bool = False


@dataclass(frozen=True)
class SuiteStep:
    """A step of such a suite under its official number; `instead` plays what the provider sends before it."""

    number: int
    title: str
    request: str
    optional: bool
    instead: tuple[str, ...]
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True)
class OwnSuite:
    """One of the provider's own suites; `short` is what it is called in a line."""

    id: str
    title: str
    about: str
    steps: tuple[SuiteStep, ...]
    short: str


@dataclass(frozen=True, kw_only=True)
class SubmissionWords:
    """How a pack speaks of the submission, from [words] of submission.toml.

    `pack` is the pack's name, `kind` what it is in the line above the title. `place` is where an
    administrator sees the effect, `administrator` who. `ready` heads a pack that nothing stands in the way
    of. `eyes` is the state of a case that a person has to look at, `many_eyes` the same of several; `case`
    what a case is called. `to_do` is the title of the list to tick off, `click` stands above it, `clicked`
    before the cases in it that were proven, `numbers` above all cases. `form` is what asks for the address,
    `address` the title of its rules, `offered` its rule about the way in, `not_offered` what is said of a
    way in that it knows nothing of. `inferred` is said of a request that no source has, and `means` what
    each state of a case stands for.
    """

    pack: str
    kind: str
    place: str
    administrator: str
    ready: str
    eyes: str
    many_eyes: str
    case: str
    to_do: str
    click: str
    clicked: str
    numbers: str
    form: str
    address: str
    offered: str
    not_offered: str
    inferred: str
    means: Mapping[str, str]


@dataclass(frozen=True)
class Submission:
    """All data of a submission: suites, manual cases and rules about the address.

    `profile` is one that plays all of it, `needs` what a profile has to play. `sections` are titles by id,
    `aside` reasons by requirement. `proof` are the requirements whose findings
    are shown as evidence, `inferred` the sequences that are only run with --include-inferred.
    """

    id: str
    profile: str
    needs: str
    words: SubmissionWords
    sections: Mapping[str, str]
    cases: tuple[ManualCase, ...]
    suites: tuple[OwnSuite, ...]
    aside: Mapping[str, str]
    proof: frozenset[str]
    own_run: str
    demands: tuple[str, ...]
    url: tuple[Mapping[str, Any], ...]
    auth: tuple[Mapping[str, Any], ...]
    inferred: frozenset[str]

    def patterns(self) -> list[str]:
        """Every pattern in a case or an assertion."""
        named = [pattern for case in self.cases for pattern in case.findings]
        return named + [a.finding for suite in self.suites for step in suite.steps for a in step.assertions]


def matches(pattern: str, finding: str) -> bool:
    """Whether a finding's id is meant by a sequence, a `sequence/step` or a whole id."""
    sequence, _, rest = finding.partition("/")
    return pattern in (sequence, f"{sequence}/{rest.partition('#')[0]}", finding)


@cache
def submissions() -> Mapping[str, str]:
    """Every submission by the name of its folder in suites/, with what it is called: `an OIN submission`.

    Options are made of these. A file that cannot be read is none here: who asks for it is told what is wrong.
    """
    found = {}
    for path in sorted((knowledge_root() / "suites").glob(f"*/{FILE}")):
        try:
            called = tomllib.loads(path.read_text(encoding="utf-8")).get("called")
        except (OSError, tomllib.TOMLDecodeError):
            called = None
        found[path.parent.name] = called if isinstance(called, str) else f"the submission {path.parent.name}"
    return found


def load(catalog: Catalog, id: str) -> Submission:
    """Read suites/<id>; raises CatalogError naming the case or step that speaks of what does not exist."""
    folder = catalog.root / "suites" / id
    cases, asked = read_toml(folder / "cases.toml"), read_toml(folder / FILE)
    try:
        submission = Submission(
            id=id,
            profile=asked["profile"],
            needs=asked["needs"],
            words=_words(asked["words"], asked["means"], id),
            sections={row["id"]: row["title"] for row in cases["section"]},
            cases=tuple(_case(row) for row in cases["case"]),
            suites=tuple(_suite(row) for row in read_toml(folder / "suites.toml")["suite"]),
            aside=cases.get("aside", {}),
            proof=frozenset(cases["proof"]),
            own_run=asked["own_run"],
            demands=tuple(asked["demands"]),
            url=tuple(asked["url"]),
            auth=tuple(asked["auth"]),
            inferred=frozenset(s.id for s in catalog.sequences.values() if catalog.grade(s) == "D"),
        )
    except KeyError as lacking:
        raise CatalogError(f"suites/{id}: {lacking} is missing") from None
    _check(catalog, submission, cases.get("stands_for", {}), folder)
    return submission


def demand(catalog: Catalog, submission: Submission, profile: Profile) -> None:
    """Raise UsageError unless the profile runs all that the submission's cases and suites name."""
    played = {sequence.id for sequence in catalog.select(profile.sequences, inferred=True)}
    missing = {pattern.partition("/")[0] for pattern in submission.patterns()} - played
    if missing:
        kinds = sorted({".".join(sequence.split(".")[:2]) for sequence in missing})
        raise UsageError(
            f"--{submission.id} needs {submission.needs}, and profile "
            f"{profile.id!r} does not play all of {', '.join(kinds)}: use --profile {submission.profile}"
        )


def _words(words: Mapping[str, Any], means: Mapping[str, str], id: str) -> SubmissionWords:
    known = {each.name for each in fields(SubmissionWords)} - {"means"}
    if unknown := sorted(set(words) - known):
        raise CatalogError(
            f"{id}/{FILE}: [words] has no {', '.join(unknown)}{did_you_mean(unknown[0], known)}"
        )
    if lacking := sorted(known - set(words)):
        raise CatalogError(f"{id}/{FILE}: [words] lacks {', '.join(lacking)}")
    return SubmissionWords(**words, means=means)


def _case(row: Mapping[str, Any]) -> ManualCase:
    try:
        fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in row.items()}
        return ManualCase(**fields)
    except TypeError as problem:
        raise CatalogError(f"cases.toml: case {row.get('id', '?')}: {problem}") from None


def _suite(row: Mapping[str, Any]) -> OwnSuite:
    steps = tuple(_step(step) for step in row["step"])
    return OwnSuite(row["id"], row["title"], row["about"], steps, row["short"])


def _step(row: Mapping[str, Any]) -> SuiteStep:
    told = [Assertion(text, finding) for text, finding in row["assertions"]]
    if "script" in row:
        text, finding = row["script"]
        told.append(Assertion(text, finding, script=True))
    instead = tuple(row.get("instead", ()))
    return SuiteStep(
        row["number"], row["title"], row["request"], row.get("optional", False), instead, tuple(told)
    )


def _check(
    catalog: Catalog, submission: Submission, stands_for: Mapping[str, list[str]], folder: Path
) -> None:
    known = _names(catalog)
    if submission.profile not in catalog.profiles:
        near = did_you_mean(submission.profile, catalog.profiles)
        raise CatalogError(f"{folder.name}/{FILE}: no profile {submission.profile!r}{near}")
    for case in submission.cases:
        where = f"{folder.name}/cases.toml: {case.id}"
        for pattern in case.findings:
            _exists(pattern, known, where)
        _check_case(catalog, case, submission, where)
        for operation in case.traffic:
            _played(catalog, case, stands_for.get(operation, [operation]), where)
    for requirement in (*submission.aside, *submission.proof):
        _exists(requirement, set(catalog.requirements), f"{folder.name}/cases.toml: [aside] or proof")
    for suite in submission.suites:
        for step in suite.steps:
            for name in (*step.instead, *(assertion.finding for assertion in step.assertions)):
                _exists(name, known, f"{folder.name}/suites.toml: {suite.id}, step {step.number}")


def _check_case(catalog: Catalog, case: ManualCase, submission: Submission, where: str) -> None:
    if case.section not in submission.sections:
        raise CatalogError(
            f"{where}: no section {case.section!r}{did_you_mean(case.section, submission.sections)}"
        )
    if case.kind not in KINDS:
        raise CatalogError(f"{where}: no kind {case.kind!r}{did_you_mean(case.kind, KINDS)}")
    if bool(case.why) != (case.kind == "outside") or bool(case.findings) == bool(case.why):
        raise CatalogError(f"{where}: a case outside SCIM needs `why` and no findings, any other findings")
    named = {requirement for pattern in case.findings for requirement in _asked(catalog, pattern)}
    if case.findings and not named & submission.proof:
        raise CatalogError(f"{where}: none of its findings is about a requirement that `proof` names")
    if case.kind == "eyes" and not case.look:
        raise CatalogError(f"{where}: a case that needs eyes needs `look`: what to look at there")


def _asked(catalog: Catalog, pattern: str) -> set[str]:
    """The requirements that the findings of a pattern are about."""
    sequence = catalog.sequences[pattern.partition("/")[0]]
    asked = {
        f"{sequence.id}/{step.id}#{check.requirement}": check.requirement
        for step in sequence.steps
        if not step.given
        for check in step.checks
    }
    return {requirement for finding, requirement in asked.items() if matches(pattern, finding)}


def _names(catalog: Catalog) -> set[str]:
    """Everything a pattern may be: sequences, their steps, and the findings of a step."""
    names: set[str] = set()
    for sequence in catalog.sequences.values():
        names.add(sequence.id)
        for step in sequence.steps:
            names.add(f"{sequence.id}/{step.id}")
            if not step.given:
                names |= {f"{sequence.id}/{step.id}#{check.requirement}" for check in step.checks}
    return names


def _exists(name: str, known: set[str], where: str) -> None:
    if name not in known:
        raise CatalogError(f"{where}: {name!r} does not exist{did_you_mean(name, known)}")


def _played(catalog: Catalog, case: ManualCase, operations: list[str], where: str) -> None:
    """CatalogError unless the sequences that the case names send these operations."""
    named = {pattern.partition("/")[0] for pattern in case.findings}
    sent = {catalog.templates[step.request].operation for id in named for step in catalog.sequences[id].steps}
    if missing := set(operations) - sent:
        raise CatalogError(f"{where}: no sequence it names sends {', '.join(sorted(missing))}")
