"""Questions that only Okta's traffic asks."""

from __future__ import annotations

from scimproof.checks import finds_nothing, is_text
from scimproof.checks.attributes import read, same, show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import ENTERPRISE_USER, has, member_ids, resources, value_at

CUSTOM = "urn:scimproof:custom:2.0:User"


def has_id() -> Ask:
    """An id of any JSON type: enough for a preparing step to go on."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, "id")
        right = isinstance(found, str | int) and not isinstance(found, bool) and str(found) != ""
        return held("an id") if right else broken("an id", show(found))

    return ask


def tells_id() -> Ask:
    """An id that is a non-empty string; an answer that is no JSON has a rule of its own."""
    told = is_text("id")

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.body and exchange.json is None:
            return does_not_apply(f"the answer is no JSON: {exchange.summary()}")
        return told(scene, exchange)

    return ask


def misses() -> Ask:
    """A search that finds nobody: totalResults 0 without resources, or the 404 that Okta tolerates."""
    empty = finds_nothing()

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 404:
            return held("nothing is found", "404")
        return empty(scene, exchange)

    return ask


def found(blank: str, path: str = "userName") -> Ask:
    """Among the resources found is one of exactly that name, letter case aside."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks[blank]
        names = [str(value_at(resource, path)) for resource in resources(exchange.json)]
        expected = f"a resource with {path} = {show(wanted)}"
        if exchange.status == 200 and wanted.casefold() in [name.casefold() for name in names]:
            return held(expected)
        return broken(
            expected,
            f"{len(names)} resources, {path}: {show(names[:5])}" if exchange.ok else exchange.summary(),
        )

    return ask


def nobody_named(blank: str, path: str = "userName", id: str = "") -> Ask:
    """None of the resources found has that name, letter case aside, nor the id of that blank."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        name, own = scene.blanks[blank].casefold(), scene.blanks.get(id)
        expected = f"no resource with {path} = {show(scene.blanks[blank])}"
        for resource in resources(exchange.json):
            if str(value_at(resource, path)).casefold() == name or (own and value_at(resource, "id") == own):
                return broken(
                    expected, f"id {show(value_at(resource, 'id'))}, {path} {show(value_at(resource, path))}"
                )
        return held(expected)

    return ask


def agrees_with(step: str, *paths: str) -> Ask:
    """What the answer to that write showed is what is stored; attributes it did not show are not asked."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        shown = scene.answer(step)
        expected = f"what the answer to {step} showed"
        if not isinstance(shown, dict) or not has(shown, "id"):
            return does_not_apply(f"{step} was answered without the resource")
        wrong = [
            f"{path}: {show(read(shown, path))} answered, {show(read(exchange.json, path))} stored"
            for path in paths
            if (has(shown, path) or isinstance(value_at(shown, path), bool))
            and not _agree(path, shown, exchange.json)
        ]
        return broken(expected, "; ".join(wrong)) if wrong else held(expected)

    return ask


def _agree(path: str, one: Json, other: Json) -> bool:
    if path == "members":
        return member_ids(one) == member_ids(other)
    return same(path, read(one, path), read(other, path))


def addresses_are(step: str) -> Ask:
    """The list of e-mail addresses holds what that step sent and no other."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        values, wanted = (
            [str(value_at(entry, "value")) for entry in found] if isinstance(found, list) else []
            for found in (value_at(body, "emails") for body in (exchange.json, scene.sent(step)))
        )
        expected = f"emails: {', '.join(map(show, wanted)) or 'none'} and no other"
        right = sorted(map(str.casefold, values)) == sorted(map(str.casefold, wanted))
        missing = () if values else ("emails",)
        return held(expected) if right else broken(expected, show(values), about=missing)

    return ask


def primary_kept(step: str) -> Ask:
    """The one address that was sent as primary is shown as primary, where addresses are shown as objects."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if isinstance(sent := scene.sent(step), dict) and not has(sent, "emails"):
            return does_not_apply(f"{step} sent no e-mail address")
        flags = value_at(exchange.json, "emails.0.primary")
        expected = "emails[0].primary = true"
        missing = () if has(exchange.json, "emails") else ("emails",)
        return held(expected) if flags is True else broken(expected, show(flags), about=missing)

    return ask


def no_group(blank: str) -> Ask:
    """The user's groups, where they are shown, do not hold that one."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        groups = value_at(exchange.json, "groups")
        values = [str(value_at(entry, "value")) for entry in groups] if isinstance(groups, list) else []
        expected = "groups without the deleted one"
        return broken(expected, "it is still listed") if scene.blanks[blank] in values else held(expected)

    return ask


def json_or_nothing() -> Ask:
    """A body that is JSON, or no body at all."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        right = not exchange.body or exchange.json is not None
        return held("JSON, or no body") if right else broken("JSON, or no body", exchange.summary())

    return ask


def tolerating_404(asked: Ask) -> Ask:
    """The question, which a 404 settles as well: what stands on a search without a match can be asked."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 404:
            return held("a list, or the 404 that Okta tolerates here", "404")
        return asked(scene, exchange)

    return ask


def unless_404(asked: Ask) -> Ask:
    """The question, put to anything but the 404 that a search without a match may get."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 404:
            return does_not_apply("answered 404, which Okta tolerates here")
        return asked(scene, exchange)

    return ask


def is_gone(path: str) -> Ask:
    """The attribute has no value, or an empty text."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, path)
        return held(f"no {path}") if found in (None, "", [], {}) else broken(f"no {path}", show(found))

    return ask


def is_list_body() -> Ask:
    """A JSON object whose Resources, where there are any, is a list."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        body = exchange.json
        expected = "a JSON object with a Resources list"
        if not isinstance(body, dict):
            return broken(expected, exchange.summary())
        found = value_at(body, "Resources")
        empty_is_fine = value_at(body, "totalResults") == 0 and found is None
        return held(expected) if isinstance(found, list) or empty_is_fine else broken(expected, show(found))

    return ask


def at_most(count: int) -> Ask:
    """A list answer with no more resources than asked for."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        number = len(resources(exchange.json))
        expected = f"at most {count} resources"
        return held(expected, str(number)) if number <= count else broken(expected, f"{number} resources")

    return ask


def case_kept(step: str, path: str = "userName") -> Ask:
    """The text has the very letters that were sent at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = value_at(scene.sent(step), path), value_at(exchange.json, path)
        expected = f"{path} = {show(sent)}, letter for letter"
        if not isinstance(found, str) or found.casefold() != str(sent).casefold():
            return cannot_tell(expected, f"{path} is another text altogether: {show(found)}")
        return held(expected) if sent == found else broken(expected, f"in other letters: {show(found)}")

    return ask


def all_kept(step: str, *paths: str) -> Ask:
    """Every one of these attributes reads back as it was sent at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wrong = tuple(
            path for path in paths if not same(path, read(scene.sent(step), path), read(exchange.json, path))
        )
        expected = ", ".join(f"{path} = {show(read(scene.sent(step), path))}" for path in paths)
        observed = "; ".join(f"{path} = {show(read(exchange.json, path))}" for path in wrong)
        return broken(expected, observed, about=wrong) if wrong else held(expected)

    return ask


def all_stay(step: str, *paths: str) -> Ask:
    """Every one of these attributes is what the target answered at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before = scene.answer(step)
        expected = f"{', '.join(paths)} as they were at {step}"
        if not isinstance(before, dict):
            return cannot_tell(expected, f"{step} gave no JSON to compare with")
        wrong = {
            path: f"{path}: {show(read(before, path))} before, {show(read(exchange.json, path))} now"
            for path in paths
            if not same(path, read(before, path), read(exchange.json, path))
        }
        return broken(expected, "; ".join(wrong.values()), wrong=tuple(wrong)) if wrong else held(expected)

    return ask


def blank_kept(path: str, blank: str) -> Ask:
    """The attribute is the value of that blank (e-mail addresses and userName in any letter case)."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted, found = scene.blanks[blank], read(exchange.json, path)
        expected = f"{path} = {show(wanted)}"
        return held(expected) if same(path, wanted, found) else broken(expected, show(found), about=(path,))

    return ask


def first(path: str, blank: str) -> Ask:
    """The first resource found has the value of that blank, letter for letter."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks.get(blank)
        found = value_at(exchange.json, f"Resources.0.{path}")
        expected = f"{path} = {show(wanted)}"
        right = isinstance(found, str | int) and str(found) == wanted
        return held(expected) if right else broken(expected, show(found))

    return ask


def first_is(path: str, value: object) -> Ask:
    """The first resource found has exactly this JSON value."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, f"Resources.0.{path}")
        right = found == value and isinstance(found, bool) == isinstance(value, bool)
        return held(f"{path} = {show(value)}") if right else broken(f"{path} = {show(value)}", show(found))

    return ask


def extension_kept(step: str, urn: str = ENTERPRISE_USER) -> Ask:
    """The attributes of an extension that read back are those that were sent; manager apart."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = value_at(scene.sent(step), f"{urn}/") or (scene.sent(step) or {}).get(urn, {})
        found = (exchange.json or {}).get(urn) if isinstance(exchange.json, dict) else None
        wanted = {key: value for key, value in sent.items() if key != "manager"}
        got = {key: value_at(found, key) for key in wanted}
        expected = show(wanted)
        return held(expected) if got == wanted else broken(expected, show(got))

    return ask


def manager_kept(step: str) -> Ask:
    """The enterprise manager is an object with the value that was sent, or is not stored at all."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent = value_at((scene.sent(step) or {}).get(ENTERPRISE_USER), "manager.value")
        found = value_at((exchange.json or {}).get(ENTERPRISE_USER), "manager")
        expected = f"manager.value = {show(sent)}"
        right = isinstance(found, dict) and value_at(found, "value") == sent
        return held(expected) if right else broken(expected, show(found))

    return ask


def accepts_or_declines(what: str) -> Ask:
    """201 (or 200); a 400 means that the server declines what it need not know, and nothing is asked."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status in (200, 201) and not exchange.error:
            return held(f"{what} accepted", str(exchange.status))
        if exchange.status == 400:
            return does_not_apply(f"the target declines {what}: {exchange.summary()}")
        return broken(f"status 201, or 400 to decline {what}", exchange.summary())

    return ask
