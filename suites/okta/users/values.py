"""Values of a user that servers stumble over: names of several words, a manager known by name only."""

from __future__ import annotations

from scimproof.checks import kept
from scimproof.checks.attributes import all_kept, read, same
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, does_not_apply

from ..asks import extension_kept
from ..bundles import (
    CREATE,
    GET,
    ID_TOLD,
    IDENTITY,
    answered,
    created,
    search_misses,
    user_as_sent,
)
from .create import MINIMAL
from .lifecycle_oin import UPDATE

NAMES = ("name.givenName", "name.familyName")


def words_changed(step: str, before: str) -> Ask:
    """Both names read back as that step sent them; an update without effect has a rule of its own."""
    kept = all_kept(step, *NAMES)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        judgement = kept(scene, exchange)
        old = all(same(path, read(scene.sent(before), path), read(exchange.json, path)) for path in NAMES)
        if judgement.held is False and old:
            return does_not_apply("the names are those from before: the update had no effect on them")
        return judgement

    return ask


def several_words(dialect: str, create: str, accepted: str) -> Sequence:
    """Create somebody whose names have several words, and change the last name to another such one."""
    return Sequence(
        id=f"okta.{dialect}.user.several-words",
        title="A user whose first and last name have several words each",
        source="OKTA-07, OKTA-09",
        people={"user": "several-words"},
        steps=(
            search_misses(),
            Step(
                id="create",
                request=create,
                creates="user",
                checks=(*answered(accepted, 201, 200), ID_TOLD),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-words-in-names-kept", all_kept("create", *NAMES))),
            ),
            UPDATE,
            Step(
                id="read-updated",
                request=GET,
                checks=(*IDENTITY, Check("okta-words-in-names-kept", words_changed("update", "create"))),
            ),
        ),
    )


def manager_by_name(dialect: str) -> Sequence:
    """Create and update somebody of whose manager only the name is mapped."""
    return Sequence(
        id=f"okta.{dialect}.user.manager-by-name",
        title="Create and update a user whose manager is known by name only",
        source="OKTA-09, OKTA-25 (L13, S9)",
        about="manager.displayName is readOnly: it need not be kept, and must not be refused.",
        people={"user": "plain", "other": "plain"},
        steps=(
            search_misses(),
            Step(
                id="create-with-value",
                request="okta/both/user-create-enterprise.http",
                creates="other",
                cast={"user": "other"},
                about="Where this is refused, it is not for the name alone.",
                checks=(*answered("okta-create-extension", 201, 200), ID_TOLD),
            ),
            Step(
                id="create",
                request="okta/both/user-create-manager-by-name.http",
                creates="user",
                checks=created("okta-manager-by-name-accepted"),
            ),
            Step(
                id="read",
                request=GET,
                checks=(*user_as_sent(), Check("okta-extension-kept", extension_kept("create"))),
            ),
            Step(
                id="update",
                request="okta/both/user-put-manager-by-name.http",
                checks=answered("okta-manager-by-name-accepted"),
            ),
            Step(
                id="read-back",
                request=GET,
                checks=(
                    *IDENTITY,
                    Check("okta-update-persists", kept("update", "name.familyName")),
                    Check("okta-extension-kept", extension_kept("update")),
                ),
            ),
        ),
    )


SEQUENCES = (
    several_words("oin", CREATE, "okta-create-answered"),
    several_words("aiw", MINIMAL, "okta-create-minimal"),
    manager_by_name("oin"),
    manager_by_name("aiw"),
)
