"""Kinds of embedded target: a conforming SCIM server, or the simulation of a product."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scimproof.embedded import BASE_PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

DEFAULT_PRODUCT = "scim2-server"
SECRET_VARIABLE = "SCIMPROOF_OBSERVER_CLIENT_SECRET"


@dataclass(frozen=True)
class ServableTarget:
    """A target that can be served: its WSGI application, its SCIM path, and what to tell the user.

    `profile` is the profile to run against it, if it is not the default.
    """

    app: WSGIApplication
    base_path: str = BASE_PATH
    about: tuple[str, ...] = ()
    profile: str = ""


@dataclass(frozen=True)
class TargetKind:
    """One kind of target.

    `build(token, faults, delay, knobs, variants)` makes one, with a delay in seconds and options by name;
    ValueError says in a sentence which option, value or token is wrong. `faults`, `knobs` and `variants` are
    the names that exist, each with a line of description.
    """

    faults: Callable[[], Mapping[str, str]]
    knobs: Callable[[], Mapping[str, str]]
    variants: Callable[[], Mapping[str, str]]
    build: Callable[[str, Sequence[str], float, Mapping[str, str], Sequence[str]], ServableTarget]


def _scim2_faults() -> dict[str, str]:
    # A SCIM server that another product needs not.
    from scimproof.embedded.faults import FAULTS, HISTORIES  # noqa: PLC0415
    from scimproof.embedded.faults.entra import OWN_FAULTS as ENTRA_FAULTS  # noqa: PLC0415
    from scimproof.embedded.faults.entra.validator import TOOL_FAULTS  # noqa: PLC0415
    from scimproof.embedded.faults.rfc import RFC_FAULTS  # noqa: PLC0415

    known = {**FAULTS, **HISTORIES, **RFC_FAULTS, **ENTRA_FAULTS, **TOOL_FAULTS}
    ordered = sorted(known.values(), key=lambda fault: (fault.group, fault.name))
    return {fault.name: f"{fault.group}: {fault.summary}" for fault in ordered}


def _scim2_variants() -> dict[str, str]:
    from scimproof.embedded.variants import VARIANTS  # noqa: PLC0415

    return {variant.name: variant.summary for variant in VARIANTS.values()}


def _scim2(
    token: str, faults: Sequence[str], delay: float, knobs: Mapping[str, str], variants: Sequence[str]
) -> ServableTarget:
    from scimproof.embedded.app import build  # noqa: PLC0415

    if knobs:
        raise ValueError(f"{DEFAULT_PRODUCT} has no knobs, such as {next(iter(knobs))!r}")
    return ServableTarget(build(token=token, faults=faults, delay=delay, variants=variants))


def _bitwarden_faults() -> dict[str, str]:
    from scimproof.embedded.bitwarden.faults.behaviour import FAULTS  # noqa: PLC0415

    return {fault.name: fault.summary for fault in FAULTS.values()}


def _bitwarden_knobs() -> dict[str, str]:
    from scimproof.embedded.bitwarden.options import explained  # noqa: PLC0415

    return explained()


def _bitwarden(
    token: str, faults: Sequence[str], delay: float, knobs: Mapping[str, str], variants: Sequence[str]
) -> ServableTarget:
    from scimproof.embedded import bitwarden  # noqa: PLC0415
    from scimproof.embedded.bitwarden.app import Bitwarden, base_path  # noqa: PLC0415
    from scimproof.embedded.bitwarden.options import ServerOptions  # noqa: PLC0415
    from scimproof.embedded.bitwarden.scim.service import KEY_WIDTH  # noqa: PLC0415

    if variants:
        raise ValueError(f"bitwarden has no variants, such as {variants[0]!r}: its knobs are in --with")
    secret = os.environ.get(SECRET_VARIABLE)
    if len(token) > KEY_WIDTH:
        raise ValueError(
            f"the token has {len(token)} characters, and a SCIM key of Bitwarden's {KEY_WIDTH} at most"
        )
    turned = ServerOptions()
    for name, value in knobs.items():
        turned.turn(name, value)
    return ServableTarget(
        Bitwarden(
            key=token, secret=secret or bitwarden.CLIENT_SECRET, knobs=turned, faults=faults, delay=delay
        ),
        base_path(turned),
        (
            f"Public API: client_id {bitwarden.CLIENT_ID}, client_secret "
            + ("..." if secret else bitwarden.CLIENT_SECRET),  # that of the environment is a secret
            f"What people do outside SCIM: GET {bitwarden.HOOKS} says how",
        ),
        "bitwarden",
    )


PRODUCTS = {
    DEFAULT_PRODUCT: TargetKind(_scim2_faults, dict, _scim2_variants, _scim2),
    "bitwarden": TargetKind(_bitwarden_faults, _bitwarden_knobs, dict, _bitwarden),
}
"""All of them, by the name that `--as` takes."""
