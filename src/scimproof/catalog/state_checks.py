"""State checks: adds to a sequence the questions that compare whole resources with what was written.

They follow from the sequence itself, so that no suite has to ask them: after each write that is not a
preparation the resource is read, by the sender's own later read or by one of the harness, and every read,
search and list is held to the expected state.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scimproof.catalog.request_template import Template
from scimproof.catalog.senders import Sender, StateRules
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, does_not_apply
from scimproof.core.scim import Kind

# /Users/{{user.id}} at the end of a target: the role whose resource a request is about.
ADDRESSED = re.compile(r"/(?P<endpoint>Users|Groups)/\{\{(?P<role>\w+)\.id\}\}$")
KINDS: dict[str, Kind] = {"Users": "User", "Groups": "Group"}
READS: dict[Kind, tuple[str, str]] = {"User": ("read", "user"), "Group": ("read_group", "group")}


def as_written(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Whether what the answers of this step show is what the run has written, whole."""
    if scene.state is None:
        return does_not_apply("nobody keeps the expected state")
    steps = (some for some in scene.exchanges.values() if some and some[-1].number == exchange.number)
    return scene.state.verdict(next(steps, [exchange]))


def with_state_checks(
    sequence: Sequence, templates: Mapping[str, Template], senders: Mapping[str, Sender]
) -> Sequence:
    """The sequence with its state checks; as it is where its sender names no requirements for them."""
    sender = senders.get(sequence.id.partition(".")[0])
    if sender is None or not sender.state.shown or sequence.id.startswith(sender.state.excluded or ("\0",)):
        return sequence
    return replace(sequence, steps=tuple(_Attached(sender, templates).of(sequence)))


@dataclass
class _Attached:
    """The steps of one sequence as they are gone through.

    `wrote` is the requirement of the last write that is no preparation; `roles` are those whose id is known,
    `fresh` of them read by id since anything was written, `open` written and not read since.
    """

    sender: Sender
    templates: Mapping[str, Template]
    wrote: str = ""
    roles: dict[str, Kind] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    baseline: set[str] = field(default_factory=set)
    open: dict[str, tuple[str, str]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    @property
    def rules(self) -> StateRules:
        return self.sender.state

    def of(self, sequence: Sequence) -> list[Step]:
        for step in sequence.steps:
            template = self.templates.get(step.request)
            if template is None or step.authorization is not None:
                self.steps.append(step)
            elif template.method == "GET":
                self._reading(step, template)
            else:
                self._writing(step, template)
        self._read_open()
        self._bystanders()
        return self.steps

    def _reading(self, step: Step, template: Template) -> None:
        role = self._role(step, template)
        requirement = self.wrote or self.rules.shown
        if not step.given and (self.roles or step.pages):
            step = replace(step, checks=(*step.checks, Check(requirement, as_written, whole=True)))
        self.steps.append(step)
        self.open.pop(role, None)
        self._saved(step, template)
        if role in self.roles:
            self.fresh.add(role)
            self.baseline.add(role)

    def _writing(self, step: Step, template: Template) -> None:
        role = self._role(step, template) or step.creates
        self._read_open(role)
        refusal = bool(step.checks) and step.checks[0].requirement in self.rules.refusals
        requirement = (
            self.rules.refused if refusal else self.rules.following(template.operation, template.method)
        )
        if not step.given and requirement and role in self.roles and role not in self.baseline:
            self._own(f"{step.id}-before", role, given=True)
            self.baseline.add(role)
        self.steps.append(step)
        self.fresh.clear()
        if template.method == "POST" and role and not refusal:
            self.roles.setdefault(role, _kind(template))
        self._saved(step, template)
        if template.method == "DELETE":
            self.roles.pop(role, None)
        elif step.given:
            self.baseline.discard(role)
        elif requirement and role in self.roles:
            self.open[role] = (step.id, requirement)
        if not step.given and requirement:
            self.wrote = requirement

    def _saved(self, step: Step, template: Template) -> None:
        """Roles whose id a step takes from an answer, as when somebody is linked."""
        for blank in step.save:
            role, _, name = blank.partition(".")
            if name == "id":
                self.roles.setdefault(role, _kind(template))

    def _role(self, step: Step, template: Template) -> str:
        """Whose resource the request is about, by its id; empty for searches, lists and creates."""
        found = ADDRESSED.search(template.target.partition("?")[0])
        return step.cast.get(found["role"], found["role"]) if found else ""

    def _read_open(self, role: str = "") -> None:
        """Look at what was written and not read since: of that role, or of all."""
        for written in [role] if role else list(self.open):
            step, requirement = self.open.pop(written, ("", ""))
            if step:
                self._own(f"{step}-state", written, requirement)

    def _bystanders(self) -> None:
        """Look at everybody in the sequence whom the writes after their last read did not concern."""
        if not self.wrote or not self.rules.bystanders:
            return
        for role in self.roles:
            if role not in self.fresh:
                self._own(f"bystander-{role}", role, self.rules.bystanders)

    def _own(self, id: str, role: str, requirement: str = "", *, given: bool = False) -> None:
        purpose, actor = READS[self.roles[role]]
        if not self.sender.has(purpose):
            return
        checks = (Check(requirement or self.rules.shown, as_written, whole=True),)
        cast = {} if role == actor else {actor: role}
        self.steps.append(
            Step(
                id=id,
                request=self.sender.request(purpose),
                cast=cast,
                checks=checks,
                given=given,
                independent=True,
                own=True,
            )
        )
        self.fresh.add(role)


def _kind(template: Template) -> Kind:
    return "Group" if "/Groups" in template.target else "User"
