"""Questions that only Okta's traffic asks; those that others ask too are in scimproof.checks."""

from __future__ import annotations

from scimproof.checks import finds_nothing
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import ENTERPRISE_USER, has, value_at

CUSTOM = "urn:scimproof:custom:2.0:User"


def misses() -> Ask:
    """A search that finds nobody: totalResults 0 without resources, or the 404 that Okta tolerates."""
    empty = finds_nothing()

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 404:
            return held("nothing is found", "404")
        return empty(scene, exchange)

    return ask


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


def case_kept(step: str, path: str = "userName") -> Ask:
    """The text has the very letters that were sent at that step."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        sent, found = value_at(scene.sent(step), path), value_at(exchange.json, path)
        expected = f"{path} = {show(sent)}, letter for letter"
        if not isinstance(found, str) or found.casefold() != str(sent).casefold():
            return cannot_tell(expected, f"{path} is another text altogether: {show(found)}")
        return held(expected) if sent == found else broken(expected, f"in other letters: {show(found)}")

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
