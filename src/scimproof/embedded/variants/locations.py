"""Variants of ids, and of where resources say they are."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import is_error
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant

_PUBLIC = "https://scim.example.org"
_FIRST = 100_000  # ids of one length, so that they sort by creation


def _based(base: Callable[[str], str]) -> Behave:
    """A behaviour that writes all URLs below the target's own base otherwise."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        own = urlsplit(call.request.base_url)
        root = f"{own.scheme}://{own.netloc}"
        response.body = _replaced(response.body, root, base(root))
        for name in ("Location", "Content-Location"):
            if name in response.headers:
                response.headers[name] = _replaced(response.headers[name], root, base(root))
        return response

    return behave


def _replaced(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return new + value.removeprefix(old) if value.startswith(f"{old}/") else value
    if isinstance(value, list):
        return [_replaced(each, old, new) for each in value]
    if isinstance(value, dict):
        return {key: _replaced(each, old, new) for key, each in value.items()}
    return value


def _numbers(_: Service, store: Store) -> None:
    store.name_ids = lambda number: str(_FIRST + number)


def _colons(_: Service, store: Store) -> None:
    store.name_ids = lambda number: f"a:{_FIRST + number}"


def _without_slash(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == "ResourceTypes" and response.body and not is_error(response):
        for kind in response.body.get("Resources", [response.body]):
            kind["endpoint"] = kind["endpoint"].removeprefix("/")
    return response


VARIANTS = (
    Variant("relative-locations", "Locations and references are paths.", behave=_based(lambda _: "")),
    Variant(
        "behind-proxy",
        "Locations and references have another host and scheme than the client knows.",
        ("rfc7643-3.1-location-host",),
        behave=_based(lambda _: _PUBLIC),
    ),
    Variant("ids-numeric-text", "Ids are numbers, as text.", arrange=_numbers),
    Variant("ids-with-colons", "Ids have a colon in them.", arrange=_colons),
    Variant(
        "endpoint-without-slash",
        "The endpoints of resource types have no slash.",
        behave=_without_slash,
        edge=True,
    ),
)
