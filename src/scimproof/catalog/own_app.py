"""A catalogue for one's own app: request bodies by its mappings, and the sequences that it never sends."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from scimproof.catalog.app import App, AppError, AppRules, AppSettings
from scimproof.catalog.app_paths import in_order, parsed, paths_in, resource_of
from scimproof.catalog.loader import Catalog
from scimproof.catalog.request_template import Template, compact
from scimproof.catalog.senders import Sender
from scimproof.core.definitions import Sequence, Step
from scimproof.core.errors import UsageError
from scimproof.core.http_message import Json

ROLE = re.compile(r"\{\{(\w+)\.")
ADDED_LATER = "anything that is not there from the create on"
DISABLED = "your app ([app] in scimproof.toml) does not do that: {action} is not among its actions"
RENAMED = "the userName of your app ([app] in scimproof.toml) is another text than these are about"
UNMAPPED = "your app ([app.mappings] in scimproof.toml) does not map "
NAMED = 3  # paths that a reason names
NO_RULES = "[app] is not for {name}: suites/{id}/app.toml, which says how its apps are set up, does not exist"


def rules_for(catalog: Catalog, sender: Sender) -> AppRules:
    """What that sender says of apps; UsageError where it says nothing."""
    if sender.id not in catalog.apps:
        raise UsageError(NO_RULES.format(name=sender.name, id=sender.id))
    return catalog.apps[sender.id]


def with_app(catalog: Catalog, sender: Sender, settings: AppSettings) -> Catalog:
    """The catalogue with that sender's requests as one's own app sends them; UsageError where none is."""
    if not settings:
        return catalog
    try:
        app = rules_for(catalog, sender).app(settings)
    except AppError as problem:
        raise UsageError(f"[app] {problem.key}: {problem}") from None
    forms = replace(sender.identities, user_name=app.user_name)
    catalog = catalog.pushing(sender, settings.push_batch or 0)
    own = replace(sender, identities=forms, batch=catalog.senders[sender.id].batch)
    made = _Made(catalog, app)
    sequences = {
        id: made.sequence(one) if id.startswith(f"{sender.id}.") else one
        for id, one in catalog.sequences.items()
    }
    body_rules = catalog.rules_of_apps.get(sender.id)
    return replace(
        catalog,
        senders={**catalog.senders, sender.id: own},
        templates={**catalog.templates, **made.templates},
        rules={**catalog.rules, **(body_rules(app) if body_rules else {})},
        sequences=sequences,
        app=app,
        not_played=made.not_played,
    )


def app_notes(catalog: Catalog, sequences: Iterable[Sequence]) -> list[str]:
    """What a reader should know of one's own app, in sentences: its settings, and what it never sends."""
    if catalog.app is None:
        return []
    left_out = [why for one in sequences if (why := catalog.not_played.get(one.id))]
    reasons = Counter("they are about what it does not map" if UNMAPPED in why else why for why in left_out)
    return [catalog.app.line()] + [
        f"Not played: {number} sequence{'' if number == 1 else 's'}, since {why}."
        for why, number in reasons.items()
    ]


class _Made:
    """The parts of a catalogue that one's own app changes.

    `templates` are the creates with its mappings, `lacking` the paths that a request is about and that are
    not mapped; `not_played` says of a sequence why the app never sends it.
    """

    def __init__(self, catalog: Catalog, app: App) -> None:
        self.catalog, self.app = catalog, app
        self.templates: dict[str, Template] = {}
        self.lacking: dict[str, list[str]] = {}
        self.not_played: dict[str, str] = {}
        if app.settings.mappings is None:  # the request files have the usual mappings
            return
        for name, template in catalog.templates.items():
            if name.startswith(f"{app.rules.sender}/"):
                self._map(name, template)

    def _map(self, name: str, template: Template) -> None:
        app, rules = self.app, self.app.rules
        if template.method == "POST" and template.operation in rules.operations and not template.rules:
            body = json.loads(template.body)
            in_file = paths_in(body, rules.lists)
            about = [] if name in rules.whole else [path for path in in_file if self._is_about(path)]
            self.lacking[name] = [path for path in about if path not in app.mappings]
            self.templates[name] = replace(template, body=compact(self._create(body, in_file)))
        for rule in template.rules & rules.rules.keys():
            needed = rules.rules[rule]
            self.lacking[name] = [path for path in needed if path not in app.mappings] or (
                [] if needed else [ADDED_LATER]
            )

    def _is_about(self, text: str) -> bool:
        """Whether a file that has this path is about it: an attribute that is not usually mapped."""
        path = parsed(text)
        usual = text in self.app.rules.mapped or (path is not None and path.listed and not path.type)
        return path is not None and not usual and (bool(path.urn) or text in self.app.rules.attributes)

    def _create(self, body: Mapping[str, Json], in_file: Mapping[str, Json]) -> dict[str, Json]:
        """The body of a create with the app's mappings; the file's own values where they are the usual."""
        app, rules = self.app, self.app.rules
        texts = (str(value) for path, value in in_file.items() if path in rules.attributes)
        roles = (match[1] for text in texts if (match := ROLE.search(text)))
        role = next(roles, "user")
        values: dict[str, Json] = {}
        for path, source in app.mappings.items():
            known = in_file.get(path, in_file.get(re.sub(r"\[type .*\]", "[primary eq true]", path)))
            if app.usual(path) and known is not None:
                values[path] = known
            elif isinstance(source, dict):
                values[path] = source["fixed"]
            else:
                values[path] = f"{{{{{role}.{app.variable(path)}}}}}"
        paths = (parsed(text) for text in rules.attributes)
        mappable = {found.attribute for found in paths if found and not found.urn}
        rest = {key: one for key, one in body.items() if key not in mappable and not key.startswith("urn:")}
        made = resource_of(values, rules.lists)
        kept = [urn for urn in body["schemas"] if urn not in body]
        rest["schemas"] = [*kept, *(key for key in made if key.startswith("urn:"))]
        return in_order({**rest, **made}, rules.created)

    def sequence(self, sequence: Sequence) -> Sequence:
        """The sequence without steps that this app does not make; notes why it is not played at all."""
        if why := self._why_not(sequence):
            self.not_played[sequence.id] = why
        steps = list(sequence.steps)
        if self.app.settings.mappings is not None:
            steps = list(self._changing(steps))
        return sequence if len(steps) == len(sequence.steps) else replace(sequence, steps=tuple(steps))

    def _why_not(self, sequence: Sequence) -> str:
        app, templates = self.app, self.catalog.templates
        for step in sequence.sent:
            if step.given or step.own:
                continue
            template = templates[step.request]
            operations = {template.operation, f"{template.operation} {template.method}"}
            for action, needs in app.rules.actions.items():
                if action not in app.actions and operations & set(needs):
                    return DISABLED.format(action=action)
        if app.user_name and app.user_name != app.rules.usual_name and app.rules.of_usual_name(sequence.id):
            return RENAMED
        for step in sequence.sent:
            if lacking := self.lacking.get(step.request):
                more = f" and {len(lacking) - NAMED} more" if len(lacking) > NAMED else ""
                named = ", ".join(lacking[:NAMED]) + more
                return UNMAPPED + named
        return ""

    def _changing(self, steps: list[Step]) -> list[Step]:
        """The steps without changes of attributes that are not mapped, and without the read after each."""
        app = self.app
        mapped = {source for source in app.mappings.values() if isinstance(source, str)}
        kept: list[Step] = []
        left_out = False
        for step in steps:
            changes = app.rules.changes.get(step.id)
            if changes is not None:
                left_out = not mapped & set(changes)
            if not left_out:
                kept.append(step)
            left_out = left_out and changes is not None
        return kept
