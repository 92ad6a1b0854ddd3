"""Questions about a create of somebody who is deactivated: refused, or the account brought back."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.checks.attributes import all_stay, read, same, show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import value_at

WHO = ("userName", "emails", "externalId")


def refused_or_back(blank: str = "user.id") -> Ask:
    """409; or 200 or 201 with the account that is known under its id, active, and the same person's.

    Targets do so for Okta's re-provisioning, since Okta may look for somebody under another value and miss.
    """
    conflict = answers(409)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not _back(scene, exchange, blank):
            return conflict(scene, exchange)
        sent, shown = exchange.request.json, exchange.json
        expected = "409, or the same account again, active"
        wrong = [f"{path} = {show(read(shown, path))}" for path in WHO if _other(path, sent, shown)]
        if value_at(shown, "active") is not True:
            wrong.append(f"active = {show(value_at(shown, 'active'))}")
        return broken(expected, "; ".join(wrong)) if wrong else held(expected, f"{exchange.status}, its id")

    return ask


def unchanged_or_back(step: str, *paths: str, blank: str = "user.id") -> Ask:
    """What that create left: the account as it was before, inactive; or active, if it was brought back.

    Brought back, it has the profile of before or that of the create.
    """
    unchanged = all_stay("before", *paths)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        again = scene.exchange(step)
        active, came_back = (
            value_at(exchange.json, "active"),
            again is not None and _back(scene, again, blank),
        )
        if active is not came_back:
            expected = "the user is active again" if came_back else "the user is still inactive"
            return broken(expected, f"active {show(active)}")
        if not came_back:
            return unchanged(scene, exchange)
        before, sent = scene.answer("before"), scene.sent(step)
        wrong = [
            f"{path}: {show(read(exchange.json, path))}"
            for path in paths
            if not any(same(path, read(known, path), read(exchange.json, path)) for known in (before, sent))
        ]
        expected = f"{', '.join(paths)} as before, or as {step} sent them"
        return broken(expected, "; ".join(wrong)) if wrong else held(expected)

    return ask


def _back(scene: ExecutionContext, again: Exchange, blank: str) -> bool:
    """Whether that create was answered with the account that is there already."""
    return again.status in (200, 201) and str(value_at(again.json, "id")) == scene.blanks.get(blank)


def _other(path: str, sent: object, shown: object) -> bool:
    """Whether the answer shows another value than the create sent; what it does not show is not asked."""
    value = read(shown, path)
    return value is not None and not same(path, read(sent, path), value)
