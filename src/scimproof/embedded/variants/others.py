"""A variant with content that is not the client's, some of it malformed."""

from collections.abc import Callable

from scim2_server.responses import ScimResponse

from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant
from scimproof.embedded.variants.people import add

_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_USERS, _GROUPS = 500, 50
_BENT_EVERY = 10
_PREFIX = "stranger-"


def _fill(service: Service, store: Store) -> None:
    ids = []
    for number in range(_USERS):
        name = f"{_PREFIX}{number:03}"
        user = {
            "schemas": [_USER],
            "userName": name,
            "name": {"givenName": "Stranger", "familyName": f"Number {number}"},
            "emails": [{"value": f"{name}@example.org", "type": "work", "primary": True}],
        }
        ids.append(add(service, store, "User", user))
    for number in range(_GROUPS):
        members = [{"value": key} for key in ids[number::_GROUPS]]
        group = {"schemas": [_GROUP], "displayName": f"{_PREFIX}{number:03}", "members": members}
        add(service, store, "Group", group)


def _without(name: str) -> Callable[[JSON], object]:
    return lambda body: body.pop(name, None)


def _with(name: str, value: object) -> Callable[[JSON], object]:
    return lambda body: body.update({name: value})


_BENT = (
    _without("schemas"),
    _without("meta"),
    _with("emails", {"value": "no list"}),
    _with("emails", [None]),
    _with("active", "True"),
    _with("displayName", 5),
    _with("name", "Stranger"),
    _with("members", None),
    _with("userName", None),
    _with("externalId", ["a", "b"]),
)


def _bend(call: InterceptedRequest) -> ScimResponse:
    """Show some strangers as years of imports and migrations have left them."""
    response = call.proceed()
    for resource in resources(response):
        name = str(resource.get("userName") or resource.get("displayName"))
        number = name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and number.isdigit() and int(number) % _BENT_EVERY == 0:
            _BENT[int(number) // _BENT_EVERY % len(_BENT)](resource)
    return response


VARIANTS = (
    Variant(
        "strangers",
        f"There are {_USERS} users and {_GROUPS} groups of others, some of them malformed.",
        arrange=_fill,
        behave=_bend,
    ),
)
