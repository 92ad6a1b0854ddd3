"""Questions that only Entra's traffic asks; those that others ask too are in scimproof.checks."""

from __future__ import annotations

import re

from scimproof.checks import answers, finds_nothing, members_are
from scimproof.checks.attributes import show
from scimproof.checks.convergence import reads_back, shown_at, written
from scimproof.checks.groups import ids_of
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import ENTERPRISE_USER, has, member_ids, resources, value_at

# Without these nobody can be provisioned, whatever a target's /Schemas list.
ESSENTIAL = frozenset({"active", "emails", "externalid", "name", "username"})
CUSTOM = "urn:ietf:params:scim:schemas:extension:custom:2.0:User"


def extension(body: Json) -> Json:
    """The enterprise extension of a user, None where it is not shown."""
    if not isinstance(body, dict):
        return None
    return next((value for key, value in body.items() if key.lower() == ENTERPRISE_USER.lower()), None)


def manager_of(body: Json) -> Json:
    """The id of the manager, of whatever form it is shown in; None for none."""
    found = value_at(extension(body), "manager")
    return value_at(found, "value") if isinstance(found, dict) else found


def where_enterprise(asked: Ask, step: str = "before") -> Ask:
    """The question, where the target keeps any attribute of the enterprise extension of this user."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not extension(scene.answer(step)) and not extension(exchange.json):
            return does_not_apply(f"the target keeps nothing of the enterprise extension ({step})")
        return asked(scene, exchange)

    return ask


def where_kept(urn: str, asked: Ask, step: str = "before") -> Ask:
    """The question, where the target showed that extension at that step: else nobody would map it."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = scene.answer(step)
        known = isinstance(shown, dict) and any(key.lower() == urn.lower() for key in shown)
        return asked(scene, exchange) if known else does_not_apply(f"the target does not keep {urn} ({step})")

    return ask


def manager_is(blank: str) -> Ask:
    """The manager reads back with that id."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted, found = scene.blanks[blank], manager_of(exchange.json)
        expected = f"manager.value = {show(wanted)} in the enterprise extension"
        about = (f"{ENTERPRISE_USER}:manager",)
        return held(expected) if found == wanted else broken(expected, show(found), about=about)

    return ask


def no_manager() -> Ask:
    """There is no manager, nor one with an empty id."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(extension(exchange.json), "manager")
        return held("no manager") if found in (None, {}, []) else broken("no manager", show(found))

    return ask


def no_literal_keys(step: str) -> Ask:
    """No key of a value without path became an attribute as it stands: `name.givenName`, a URN in front."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        operations = value_at(scene.sent(step), "Operations") or []
        values = [value_at(operation, "value") for operation in operations]
        keys = {key for value in values if isinstance(value, dict) for key in value}
        literal = {key for key in keys if "." in key or key.lower().startswith("urn:")}
        found = sorted(literal & set(exchange.json)) if isinstance(exchange.json, dict) else []
        expected = "no attribute that is called " + " or ".join(sorted(literal))
        if not literal:
            return does_not_apply(f"{step} has no such key")
        return broken(expected, f"there is {', '.join(found)}") if found else held(expected)

    return ask


def of_type(body: Json, attribute: str, type: str) -> list[Json]:
    """The entries of a list that are of that type."""
    entries = value_at(body, attribute)
    found = entries if isinstance(entries, list) else []
    return [entry for entry in found if str(value_at(entry, "type")).lower() == type]


def one_of_type(attribute: str, type: str) -> Ask:
    """The list has exactly one entry of that type."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = of_type(exchange.json, attribute, type)
        expected = f"one entry of type {type} in {attribute}"
        told = f"{len(found) or 'absent'}: {show(value_at(exchange.json, attribute))}"
        return held(expected) if len(found) == 1 else broken(expected, told, about=(attribute,))

    return ask


def one_with(attribute: str, type: str, parts: dict[str, str]) -> Ask:
    """The list has one entry of that type with all of these parts; their values are template variables."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = of_type(exchange.json, attribute, type)
        wanted = {part: scene.blanks[blank] for part, blank in parts.items()}
        expected = f"one entry of type {type} in {attribute} with {show(wanted)}"
        right = len(found) == 1 and all(value_at(found[0], part) == value for part, value in wanted.items())
        told = f"{len(found) or 'absent, none'} of that type: {show(value_at(exchange.json, attribute))}"
        return held(expected) if right else broken(expected, told, about=(attribute,))

    return ask


def work_email_kept(step: str) -> Ask:
    """The address of type work that was sent at that step is shown under that type.

    By the default mapping Entra looks for it as emails[type eq "work"].value: an address whose type is
    dropped is no such address.
    """
    path = 'emails[type eq "work"].value'

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = (shown_at(body, path) for body in (scene.sent(step), exchange.json))
        expected = f"what {step} wrote: {path}"
        if sent is None:
            return held(expected, "it wrote none")
        if isinstance(found, str) and reads_back(path, sent, found):
            return held(expected)
        return broken(expected, f"{path}: sent {show(sent)}, shown {show(found)}", about=("emails",))

    return ask


def list_stays(step: str, attribute: str, type: str) -> Ask:
    """The entry of that type is what was shown at that step; one that was not shown is not asked."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now = (
            [value_at(entry, "value") for entry in of_type(body, attribute, type)]
            for body in (scene.answer(step), exchange.json)
        )
        expected = f"{attribute} of type {type} as at {step}: {show(before)}"
        if not before:
            return does_not_apply(f"{step} showed none of type {type}")
        return held(expected) if before == now else broken(expected, show(now), wrong=(attribute,))

    return ask


def roles_of(body: Json) -> list[str]:
    """The values of the roles that a user shows."""
    entries = value_at(body, "roles")
    found = entries if isinstance(entries, list) else []
    return [str(value_at(entry, "value") if isinstance(entry, dict) else entry) for entry in found]


def no_role_text() -> Ask:
    """No role is shown whose value is a JSON document: it was read, or refused, or is kept of nobody."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        texts = [value for value in roles_of(exchange.json) if value.lstrip().startswith("{")]
        expected = "no role whose value is a JSON document"
        return broken(expected, show(texts), about=("roles",)) if texts else held(expected)

    return ask


def roles_are(*wanted: str) -> Ask:
    """Exactly these roles are shown; of a target that shows none nothing is asked."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = roles_of(exchange.json)
        expected = f"roles: {', '.join(wanted)}"
        if not found:
            return does_not_apply("the target shows no roles")
        return held(expected) if sorted(found) == sorted(wanted) else broken(expected, show(found))

    return ask


def accepted(*statuses: int) -> Ask:
    """One of these. A refusal that is about optional attributes is about them alone.

    A target may lack title, phone numbers or the whole enterprise extension, and say so (RFC 7644 section
    3.5.2: invalidPath); then an administrator removes the mapping.
    """
    asked = answers(*statuses)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = asked(scene, exchange)
        return found if found.held else found._replace(about=tuple(refused_attributes(exchange)))

    return ask


def refused_attributes(exchange: Exchange) -> list[str]:
    """The attributes of a PATCH that its refusal is about; [] if that is not clear, or one is essential."""
    paths = list(dict.fromkeys(path.partition("[")[0] for path, _ in written(exchange.request.json)))
    extensions = [path for path in paths if path.lower().startswith("urn:")]
    named = [path for path in paths if named_in(exchange.body.decode(errors="replace"), path)]
    if not named and value_at(exchange.json, "scimType") == "invalidPath":
        named = extensions or (paths if len(paths) == 1 else [])
    essential = any(path.partition(".")[0].lower() in ESSENTIAL for path in named)
    return [] if essential else named


def named_in(text: str, path: str) -> bool:
    """Whether a text names an attribute, by its path or the last part of it, as a word."""
    names = (path, path.rpartition(":")[2])
    return any(re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", text, re.IGNORECASE) for name in names)


def where_found(asked: Ask) -> Ask:
    """The question, where a search was answered and found anybody: that it should is a rule of its own."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok or not resources(exchange.json):
            return does_not_apply(f"nobody is found: {exchange.summary()}")
        return asked(scene, exchange)

    return ask


def accepted_or_refused(*statuses: int) -> Ask:
    """One of these, or a refusal with a 4xx: a target may say that it does not know that."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"status {' or '.join(map(str, statuses))}, or a 4xx refusal"
        if exchange.status in statuses and not exchange.error:
            return held(expected, str(exchange.status))
        if 400 <= exchange.status < 500:
            return held(expected, f"refused: {exchange.summary()}")
        return broken(expected, exchange.summary())

    return ask


def email_stays(step: str, name: str) -> Ask:
    """No e-mail address is the userName of that blank; the address is the one shown at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now = (
            [str(value_at(entry, "value")).casefold() for entry in value_at(body, "emails") or []]
            for body in (scene.answer(step), exchange.json)
        )
        taken = f"{scene.blanks['user.guidDigits']}{scene.blanks[name]}".casefold()
        expected = f"emails as at {step}: {show(before)}"
        if taken in now or before != now:
            return broken(expected, show(now), wrong=("emails",))
        return held(expected)

    return ask


def has_tombstone_name() -> Ask:
    """UserName is the digits of the object id and the old userName, in any letter case."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = f"{scene.blanks['user.guidDigits']}{scene.blanks['user.userName']}"
        found = value_at(exchange.json, "userName")
        expected = f"userName = {show(wanted)}, active = false"
        right = str(found).casefold() == wanted.casefold() and value_at(exchange.json, "active") is False
        told = f"userName = {show(found)}, active = {show(value_at(exchange.json, 'active'))}"
        return held(expected) if right else broken(expected, told, about=("userName",))

    return ask


def hides_members() -> Ask:
    """A group, or each group of a list, is shown without members."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = resources(exchange.json) or [exchange.json]
        shown = [len(member_ids(group)) for group in found if has(group, "members")]
        expected = "a group without members"
        return broken(expected, f"{sum(shown)} members come along") if shown else held(expected)

    return ask


def gone() -> Ask:
    """Nobody by id: 404 or 410."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        right = exchange.status in (404, 410) and not exchange.error
        return held("status 404") if right else broken("status 404", exchange.summary())

    return ask


def survives(id: str) -> Ask:
    """The user of that blank can be read, and is active."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"the user {show(scene.blanks.get(id))}, active"
        if exchange.status != 200:
            return broken(expected, exchange.summary())
        found, active = value_at(exchange.json, "id"), value_at(exchange.json, "active")
        right = found == scene.blanks.get(id) and active is True
        return held(expected) if right else broken(expected, f"id {show(found)}, active {show(active)}")

    return ask


def finds_nobody_of(id: str) -> Ask:
    """A search that does not find the resource with the id of that blank; others may have the name by now."""
    empty = finds_nothing()

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        ids = [value_at(resource, "id") for resource in resources(exchange.json)]
        told = empty(scene, exchange)
        return broken(told.expected, "it is still found") if scene.blanks.get(id) in ids else told

    return ask


def all_answered(step: str, *statuses: int) -> Ask:
    """Every request of that step was answered with one of these."""

    def ask(scene: ExecutionContext, _: Exchange) -> CheckResult:
        some = scene.exchanges.get(step, [])
        wrong = [exchange for exchange in some if exchange.error or exchange.status not in statuses]
        expected = f"{len(some)} times status {' or '.join(map(str, statuses))}"
        if not some:
            return cannot_tell(expected, f"{step} was not sent")
        told = f"{len(wrong)} otherwise, as {wrong[0].summary()}" if wrong else ""
        return broken(expected, told) if wrong else held(expected)

    return ask


def one_or_both(kept: str, named: str) -> Ask:
    """The members after a replace by one: that one (RFC 7644 section 3.5.2.3), or both, as some read it."""
    alone, both = members_are(ids_of(named)), members_are(ids_of(kept, named))

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        first, second = alone(scene, exchange), both(scene, exchange)
        expected = f"{first.expected} (as the RFC says), or {second.expected} (as some reports read it)"
        if first.held:
            return held(expected, "that one alone: a replace, as the RFC says")
        if second.held:
            return held(expected, "both: the one was added, as some reports read it")
        return broken(expected, first.observed)

    return ask
