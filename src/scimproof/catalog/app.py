"""An administrator's own app: how it is set up at the sender, and what the sender's app.toml says of apps."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from scimproof.catalog.app_paths import AppPath, in_order, parsed, resource_of
from scimproof.catalog.identities import person_blanks
from scimproof.core.errors import CatalogError, did_you_mean
from scimproof.core.http_message import Json

FILE = "app.toml"
READ_ONLY = ("id", "meta", "groups", "schemas")  # RFC 7643 sections 3 and 4.1.2: the server's own
PLACE = re.compile(r"\{([^{}]*)\}")
Source = Json  # the name of a profile attribute; or {"fixed": value}


class AppError(Exception):
    """What is wrong in an app's settings: the key, and of a mapping its path; the text says what to write."""

    def __init__(self, text: str, key: str, path: str = "") -> None:
        super().__init__(text)
        self.key, self.path = key, path


@dataclass(frozen=True, kw_only=True)
class AppSettings:
    """The settings of one's own app as they were written; None where nothing is said."""

    user_name: str | None = None
    mappings: Mapping[str, Source] | None = None
    actions: tuple[str, ...] | None = None
    push_batch: int | None = None

    def __bool__(self) -> bool:
        return any(value is not None for value in self.json().values())

    def json(self) -> dict[str, Any]:
        """The settings as plain data."""
        actions = None if self.actions is None else list(self.actions)
        mappings = None if self.mappings is None else dict(self.mappings)
        return {
            "user_name": self.user_name,
            "mappings": mappings,
            "actions": actions,
            "push_batch": self.push_batch,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The settings that `json` made."""
        actions = data["actions"]
        return cls(**{**data, "actions": None if actions is None else tuple(actions)})


@dataclass(frozen=True, kw_only=True)
class AppRules:
    """What a sender says of the apps that an administrator can set up (suites/<sender>/app.toml).

    `user_names` are formats of the userName by name, `profile` template variables by attribute of a person's
    profile, `attributes` what can be mapped, in the order of the sender's keys, and to what it usually is;
    `refused` what cannot, and what to write instead; `mapped` what is where nothing is said. `operations` are
    the creates whose files have it; `created` and `added` are orders of keys, of a create and of what a merge
    adds; `rules` body rules about certain paths (of none: they are for the request files' own mappings);
    `whole` files that have all that is mapped; `changes` steps that change these attributes. `actions` have
    the operations that are sent only where enabled; a batch of a large group can be set to `least` to `most`
    members. `by_usual_name` are beginnings of ids of sequences in which the userName
    has the first of its formats. `forms` are regular expressions of the userNames of formats whose attribute
    no request shows, the most special first.
    """

    sender: str
    user_names: Mapping[str, str]
    profile: Mapping[str, str]
    attributes: Mapping[str, str]
    refused: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]]
    mapped: tuple[str, ...]
    operations: frozenset[str]
    created: tuple[str, ...]
    added: tuple[str, ...]
    rules: Mapping[str, tuple[str, ...]]
    whole: tuple[str, ...]
    changes: Mapping[str, tuple[str, ...]]
    actions: Mapping[str, tuple[str, ...]]
    least: int
    most: int
    by_usual_name: tuple[str, ...]
    forms: Mapping[str, str] = field(default_factory=dict)

    @property
    def usual_name(self) -> str:
        """The first of the formats of a userName, as a template of template variables: that of the files."""
        return self._user_name(next(iter(self.user_names)))

    def of_usual_name(self, sequence: str) -> bool:
        """Whether that sequence is about people whose userName has the usual format."""
        return sequence.startswith(self.by_usual_name or ("\0",))

    @property
    def mappings(self) -> dict[str, Source]:
        """The mappings of an app of which nothing is said."""
        return {path: self.attributes[path] for path in self.mapped}

    def app(self, settings: AppSettings) -> App:
        """The app with these settings; AppError where one of them cannot be."""
        batch = settings.push_batch
        if batch is not None and not self.least <= batch <= self.most:
            raise AppError(
                f"push_batch should be a whole number from {self.least} to {self.most}, not {batch}",
                "push_batch",
            )
        for action in settings.actions or ():
            if action not in self.actions:
                raise AppError(
                    f"no action is called {action!r}{did_you_mean(action, self.actions)}", "actions"
                )
        stated = self.mappings if settings.mappings is None else settings.mappings
        for path, source in stated.items():
            self._check(path, source)
        order = list(self.attributes)
        known = [path for path in order if path in stated]
        own = [path for path in stated if path not in self.attributes]
        return App(
            rules=self,
            settings=settings,
            user_name=self._user_name(settings.user_name),
            mappings={path: stated[path] for path in (*known, *own)},
            actions=tuple(self.actions) if settings.actions is None else settings.actions,
        )

    def _user_name(self, stated: str | None) -> str:
        """The format as a template of template variables; empty where nothing is said."""
        if stated is None:
            return ""
        template = self.user_names.get(stated, stated)
        places = PLACE.findall(template)
        if not places:
            formats = ", ".join(repr(name) for name in self.user_names)
            near = did_you_mean(stated, self.user_names)
            raise AppError(
                f"user_name should be {formats} or a template of profile attributes, as "
                f'"{{firstName}}.{{lastName}}", not {stated!r}{near if "mean" in near else ""}',
                "user_name",
            )
        for name in places:
            if name not in self.profile:
                raise AppError(f"{self._no_attribute(name)}", "user_name")
        return PLACE.sub(lambda match: f"{{{self.profile[match[1]]}}}", template)

    def _no_attribute(self, name: str) -> str:
        return f"no attribute of the profile is called {name!r}{did_you_mean(name, self.profile)}"

    def _check(self, text: str, source: Source) -> None:
        """Refuse a path that cannot be mapped, and what it cannot be mapped to."""

        def refuse(why: str) -> AppError:
            return AppError(why, "mappings", text)

        path = parsed(text)
        if path is None:
            raise refuse(
                f"{text!r} is no SCIM path; write one as displayName, name.givenName, "
                'emails[type eq "work"].value or urn:example:2.0:User:badge'
            )
        head = path.attribute if not path.urn else ""
        if head in READ_ONLY:
            raise refuse(f"{text} is readOnly: only the server sets {head}; leave it out")
        if head in self.refused:
            raise refuse(f"{text} is not mapped: {self.refused[head]}")
        if not self._can_be_mapped(text, path):
            near = did_you_mean(text, self.attributes)
            raise refuse(
                f"no attribute is called {text!r}{near if 'mean' in near else ''}; `scimproof config --init` "
                "writes all that can be mapped, and one of your own stands below a URN, as "
                "urn:example:2.0:User:badge"
            )
        if isinstance(source, str):
            if source not in self.profile:
                raise refuse(f"{self._no_attribute(source)}; for a fixed text write {{ fixed = {source!r} }}")
            return
        value = source["fixed"]
        if text in self.attributes and not isinstance(value, str):
            raise refuse(f"the fixed value of {text} should be text, not {value!r}")
        if "{{" in str(value):
            raise refuse(f"a fixed value cannot have {{{{ in it, as {value!r} has")

    def _can_be_mapped(self, text: str, path: AppPath) -> bool:
        """Whether the sender can send it: an attribute it knows, another type in a list, an own extension."""
        if text in self.attributes:
            return True
        if path.urn:
            return path.urn not in self.extensions and not path.listed
        order = self.lists.get(path.attribute, ())
        return path.listed and path.part in order and path.part not in ("primary", "type")

    @property
    def extensions(self) -> frozenset[str]:
        """The URNs of the extensions whose attributes are known."""
        paths = (parsed(text) for text in self.attributes)
        return frozenset(path.urn for path in paths if path and path.urn)


@dataclass(frozen=True, kw_only=True)
class App:
    """One's own app: the settings with what holds where they say nothing.

    `user_name` is a template of template variables, "" for the usual e-mail address; `mappings` are in the
    order of the sender's keys.
    """

    rules: AppRules
    settings: AppSettings
    user_name: str
    mappings: Mapping[str, Source]
    actions: tuple[str, ...]

    def variable(self, path: str) -> str:
        """The template variable whose value that path gets; empty for a fixed one."""
        source = self.mappings[path]
        return self.rules.profile[source] if isinstance(source, str) else ""

    def usual(self, path: str) -> bool:
        """Whether that path is mapped to what it usually is."""
        return self.mappings.get(path) == self.rules.attributes.get(path, "")

    def values(self, cast: Mapping[str, str]) -> dict[str, Json]:
        """The values of all mapped paths for a person with these template variables."""
        return {
            path: cast[self.variable(path)] if isinstance(source, str) else source["fixed"]
            for path, source in self.mappings.items()
        }

    def resource(self, values: Mapping[str, Json]) -> dict[str, Json]:
        """A user with these values by path, in the order of a create."""
        return in_order(resource_of(values, self.rules.lists), self.rules.created)

    def merged(
        self, body: Mapping[str, Json], mapped: Mapping[str, Json], values: Mapping[str, Json]
    ) -> dict[str, Json]:
        """The body that a target returned with attributes overwritten: `mapped` ones whole, `values` by path.

        What was there keeps its place and what is not mapped; what was not there is added in the sender's
        order, and the URN of an extension is named in schemas.
        """
        made: dict[str, Json] = dict(mapped)
        for key, value in resource_of(values, self.rules.lists).items():
            made[key] = _laid_over(body.get(key), value)
        urns = [key for key in made if key.startswith("urn:")]
        named = body.get("schemas")
        schemas = list(named) if isinstance(named, list) else []
        schemas += [urn for urn in urns if urn not in schemas]
        more = {"schemas": schemas} if urns else {}
        return {**body, **more, **in_order(made, self.rules.added)}

    def line(self) -> str:
        """The app in a line, for reports."""
        stated, rules = self.settings, self.rules
        count = len(self.mappings)
        said = [f"userName = {stated.user_name}"] if stated.user_name is not None else []
        said.append(f"{count} mapped attribute{'' if count == 1 else 's'}")
        own = sorted({path.urn for path in self._paths() if path.urn} - rules.extensions)
        said += [f"extension {urn}" for urn in own]
        said += [f"no {action}" for action in rules.actions if action not in self.actions]
        if stated.push_batch is not None:
            said.append(f"{stated.push_batch} members a request")
        return f"Your app: {', '.join(said)}."

    def _paths(self) -> Iterator[AppPath]:
        for text in self.mappings:
            path = parsed(text)
            if path:
                yield path


def _laid_over(found: Json, value: Json) -> Json:
    """A complex value with its parts laid over those that are there; anything else as it is."""
    if not isinstance(value, dict) or not isinstance(found, dict):
        return value
    return {**found, **{key: _laid_over(found.get(key), one) for key, one in value.items()}}


def read_app_rules(suites: Path) -> dict[str, AppRules]:
    """What the senders say of apps, by sender; CatalogError with the file where one is wrong."""
    return {path.parent.name: _rules(path) for path in sorted(suites.glob(f"*/{FILE}"))}


def _rules(path: Path) -> AppRules:
    where = f"{path.parent.name}/{path.name}"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        bodies, push = data.pop("bodies"), data.pop("push")
        found = AppRules(
            sender=path.parent.name,
            lists=_texts(data.pop("lists")),
            mapped=tuple(bodies["mapped"]),
            operations=frozenset(bodies["operations"]),
            created=tuple(bodies["created"]),
            added=tuple(bodies["added"]),
            rules=_texts(bodies.get("rules", {})),
            whole=tuple(bodies.get("whole", ())),
            changes=_texts(bodies.get("changes", {})),
            actions=_texts(data.pop("actions")),
            least=push["least"],
            most=push["most"],
            by_usual_name=tuple(bodies.get("by_usual_name", ())),
            **data,
        )
    except tomllib.TOMLDecodeError as problem:
        raise CatalogError(f"{where}: {problem}") from None
    except KeyError as problem:
        raise CatalogError(f"{where}: lacks {problem.args[0]}") from None
    except TypeError as problem:
        raise CatalogError(f"{where}: {problem}") from None
    variables = person_blanks(where, "plain")
    wrong = [name for name, variable in found.profile.items() if variable not in variables]
    wrong += [
        text for text, name in found.attributes.items() if name not in found.profile or not parsed(text)
    ]
    wrong += [text for text in found.mapped if text not in found.attributes]
    wrong += [
        name for name, form in found.forms.items() if name not in found.user_names or not _is_form(form)
    ]
    if wrong:
        raise CatalogError(f"{where}: {', '.join(wrong)}: stands for nothing that exists")
    return found


def _is_form(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _texts(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(value) for key, value in table.items()}
