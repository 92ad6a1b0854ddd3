"""Discovery: what the server says of itself, and whether it is said as the RFCs say."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, held
from scimproof.core.scim import value_at

from .asks import refused

CONFIG = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
READ_ONLY = refused(405, 501, 404, 403)


def is_flag(feature: str, *numbers: str) -> Ask:
    """`supported` of the feature is true or false, and these members of it are integers."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        found = value_at(exchange.json, feature)
        expected = f"{feature}.supported true or false" + "".join(f", {one} an integer" for one in numbers)
        right = isinstance(value_at(found, "supported"), bool)
        right = right and all(_is_integer(value_at(found, one)) for one in numbers)
        return held(expected, show(found)) if right else broken(expected, show(found))

    return ask


def _is_integer(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def config(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"200 with one object that names {CONFIG}"
    schemas = value_at(exchange.json, "schemas")
    single = value_at(exchange.json, "Resources") is None
    right = exchange.status == 200 and isinstance(schemas, list) and CONFIG in schemas and single
    return held(expected) if right else broken(expected, exchange.summary())


def open_to_all(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "200 without credentials"
    return held(expected) if exchange.status == 200 else broken(expected, exchange.summary())


def allow_with_405(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status != 405:
        return does_not_apply(f"it was not answered 405: {exchange.status}")
    found = exchange.header("Allow")
    return held("an Allow header") if found is not None else broken("an Allow header", "none")


SEQUENCES = (
    Sequence(
        id="rfc.discovery.config",
        title="What the server says it can do",
        source="RFC 7644 section 4, RFC 7643 section 5",
        alone=True,
        steps=(
            Step(
                id="read",
                request="rfc/config.http",
                checks=(
                    Check("rfc7644-4-config", config, gate=True),
                    Check("rfc7643-5-patch", is_flag("patch")),
                    Check("rfc7643-5-bulk", is_flag("bulk", "maxOperations", "maxPayloadSize")),
                    Check("rfc7643-5-filter", is_flag("filter", "maxResults")),
                ),
            ),
            Step(
                id="read-open",
                request="rfc/config.http",
                authorization="",
                independent=True,
                checks=(Check("rfc7643-5-open", open_to_all),),
            ),
            Step(
                id="post",
                request="rfc/config-post.http",
                independent=True,
                checks=(
                    Check("rfc7644-4-read-only", READ_ONLY),
                    Check("rfc9110-15.5.6-allow", allow_with_405),
                ),
            ),
        ),
    ),
)


def config_as_read(scene: ExecutionContext) -> Json:
    """The configuration, to be sent back as it was read."""
    return scene.answer("read")


RULES: dict[str, Callable[[ExecutionContext], Json]] = {"rfc-config-as-read": config_as_read}
