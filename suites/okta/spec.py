"""Okta's official SPEC suite: its twelve requests with its own headers, its assertions one by one."""

from __future__ import annotations

from scimproof.checks import answers
from scimproof.checks.attributes import has_id, show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, short
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import CORE_USER, ERROR, LIST_RESPONSE, resources


def exact(body: object, path: str) -> object:
    """The value at a path, attribute names taken literally as the suite's runner does."""
    value = body
    for part in path.split("."):
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, dict):
            value = value.get(part)
        else:
            return None
    return value


def text(value: object) -> str:
    """A value as the runner's `equal` compares it: as text, booleans in JSON's spelling."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def not_empty(path: str) -> Ask:
    """`not_empty`; a literal false counts as a value (its treatment by the runner is not documented)."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        found, seed = exact(exchange.json, path), scene.exchange("seed")
        if found not in (None, "", [], {}):
            return held(f"{path} is not empty")
        if path.startswith("Resources") and seed and not seed.ok and not resources(exchange.json):
            return cannot_tell(f"{path} is not empty", f"no user could be made beforehand: {seed.summary()}")
        stranger = exact(exchange.json, "Resources.0.userName") or exact(exchange.json, "userName")
        if isinstance(stranger, str) and scene.blanks["prefix"] not in stranger.casefold():
            return does_not_apply(f"the list begins with a user from before the run, who has no {path}")
        return broken(f"{path} is not empty", show(found))

    return ask


def equal(path: str, value: str | None = None, blank: str = "") -> Ask:
    """`equal`: compares text, so 401 and "401" are the same."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = scene.blanks.get(blank, "") if value is None else value
        found = exact(exchange.json, path)
        right = found is not None and text(found) == wanted
        return held(f"{path} equals {wanted}") if right else broken(f"{path} equals {wanted}", show(found))

    return ask


def has_value(path: str, value: str) -> Ask:
    """`has_value`: the array contains this element."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = exact(exchange.json, path)
        right = isinstance(found, list) and value in found
        return held(f"{path} has {value}") if right else broken(f"{path} has {value}", show(found))

    return ask


def number(path: str) -> Ask:
    """`is_a_number`."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = exact(exchange.json, path)
        right = isinstance(found, int | float) and not isinstance(found, bool)
        return held(f"{path} is a number") if right else broken(f"{path} is a number", show(found))

    return ask


def equal_number(path: str, value: int) -> Ask:
    """`equal_number`: a quoted number passes."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = exact(exchange.json, path)
        right = isinstance(found, int | float | str) and str(found).strip() == str(value)
        return held(f"{path} equals {value}") if right else broken(f"{path} equals {value}", show(found))

    return ask


def groups_script() -> Ask:
    """The script of step 10: no groups is fine; with groups Resources has to be an array."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        total, found = exact(exchange.json, "totalResults"), exact(exchange.json, "Resources")
        right = total == 0 or (isinstance(total, int) and total >= 1 and isinstance(found, list))
        expected = "totalResults 0, or Resources is an array"
        return (
            held(expected)
            if right
            else broken(expected, f"totalResults {show(total)}, Resources {short(show(found), 60)}")
        )

    return ask


def within(milliseconds: int) -> Ask:
    """The answer came in less than so many milliseconds."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        took = exchange.seconds * 1000
        expected = f"less than {milliseconds} ms"
        if not scene.undisturbed:
            return does_not_apply("a time is measured with nothing else under way")
        return held(expected) if took < milliseconds else broken(expected, f"{took:.0f} ms")

    return ask


def status(code: int) -> Check:
    """The status assertion, first in each step."""
    return Check(f"spec-status-{code}", answers(code))


def step(
    id: str,
    file: str,
    *checks: Check,
    save: dict[str, str] | None = None,
    creates: str = "",
    authorization: str | None = None,
    timed: bool = False,
) -> Step:
    """One of the suite's steps: every assertion on its own, and nothing stops the suite."""
    return Step(
        id=id,
        request=f"okta/spec/{file}.http",
        checks=checks,
        save=save or {},
        creates=creates,
        authorization=authorization,
        regardless=True,
        independent=True,
        timed=timed,
    )


NO_USER = (
    status(200),
    Check("spec-list-schema", has_value("schemas", LIST_RESPONSE)),
    Check("spec-total-results-0", equal_number("totalResults", 0)),
)
NOT_FOUND = (
    status(404),
    Check("spec-detail-not-empty", not_empty("detail")),
    Check("spec-error-schema", has_value("schemas", ERROR)),
)

SEQUENCES = (
    Sequence(
        id="okta.spec",
        title="Okta's SPEC suite (exported 13 May 2024), without its pauses",
        source="spec-test-steps section 2",
        about="Seeds the first user it needs; names carry the run's prefix and lie at example.com.",
        people={"user": "runscope", "seed": "runscope"},
        steps=(
            Step(
                id="seed",
                request="okta/spec/00-seed-user.http",
                given=True,
                creates="seed",
                cast={"user": "seed"},
                independent=True,  # where it is refused, so is step 6, and that is for the suite to say
                checks=(Check("spec-status-201", answers(201, 200)), Check("spec-id-not-empty", has_id())),
            ),
            step(
                "list-one-user",
                "01-list-one-user",
                status(200),
                Check("spec-resources-not-empty", not_empty("Resources")),
                Check("spec-list-schema", has_value("schemas", LIST_RESPONSE)),
                Check("spec-items-per-page-number", number("itemsPerPage")),
                Check("spec-start-index-number", number("startIndex")),
                Check("spec-total-results-number", number("totalResults")),
                Check("spec-first-id", not_empty("Resources.0.id")),
                Check("spec-first-family-name", not_empty("Resources.0.name.familyName")),
                Check("spec-first-given-name", not_empty("Resources.0.name.givenName")),
                Check("spec-first-username", not_empty("Resources.0.userName")),
                Check("spec-first-active", not_empty("Resources.0.active")),
                Check("spec-first-email", not_empty("Resources.0.emails.0.value")),
                save={"isv.id": "Resources.0.id"},
            ),
            step(
                "read-that-user",
                "02-read-that-user",
                status(200),
                Check("spec-id-not-empty", not_empty("id")),
                Check("spec-family-name-not-empty", not_empty("name.familyName")),
                Check("spec-given-name-not-empty", not_empty("name.givenName")),
                Check("spec-username-not-empty", not_empty("userName")),
                Check("spec-active-not-empty", not_empty("active")),
                Check("spec-email-not-empty", not_empty("emails.0.value")),
                Check("spec-id-same", equal("id", blank="isv.id")),
            ),
            step("filter-nobody", "03-filter-nobody", *NO_USER),
            step("unknown-id", "04-unknown-id", *NOT_FOUND),
            step("random-user-absent", "05-random-user-absent", *NO_USER),
            step(
                "create-user",
                "06-create-user",
                status(201),
                Check("spec-active-true", equal("active", "true")),
                Check("spec-id-not-empty", not_empty("id")),
                Check("spec-family-name-same", equal("name.familyName", blank="user.familyName")),
                Check("spec-given-name-same", equal("name.givenName", blank="user.givenName")),
                Check("spec-user-schema", has_value("schemas", CORE_USER)),
                Check("spec-username-same", equal("userName", blank="user.userName")),
                creates="user",
            ),
            step(
                "read-it-back",
                "07-read-it-back",
                status(200),
                Check("spec-username-same", equal("userName", blank="user.userName")),
                Check("spec-family-name-same", equal("name.familyName", blank="user.familyName")),
                Check("spec-given-name-same", equal("name.givenName", blank="user.givenName")),
            ),
            step("create-again", "08-create-again", status(409), creates="user"),
            step("other-case", "09-other-case", status(200)),
            step(
                "groups",
                "10-groups",
                Check("spec-groups-answered", answers(200)),
                Check("spec-groups-in-time", within(600)),
                Check("spec-groups-list", groups_script()),
                timed=True,
            ),
            step(
                "unknown-id-again",
                "12-unknown-id-again",
                *NOT_FOUND,
                Check("spec-status-says-404", equal("status", "404")),
            ),
        ),
    ),
    Sequence(
        id="okta.spec.wrong-credentials",
        title="Okta's SPEC suite, step 11: wrong credentials",
        source="spec-test-steps section 2, step 11",
        about="Played after all others, because some servers stall after bad tokens.",
        people={"user": "runscope"},
        last=True,
        steps=(
            step(
                "wrong-credentials",
                "11-wrong-credentials",
                status(401),
                Check("spec-detail-not-empty", not_empty("detail")),
                Check("spec-status-says-401", equal("status", "401")),
                Check("spec-error-schema", has_value("schemas", ERROR)),
                authorization="non-token",
            ),
        ),
    ),
)
