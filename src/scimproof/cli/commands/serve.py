"""`scimproof serve`: the embedded target, conforming or with faults, or the simulation of a product."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping

import click

from scimproof.cli import completers
from scimproof.cli.setting_options import Number
from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.embedded.server import DEFAULT_TOKEN, TOKEN_VARIABLE, leave, serve
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS, ServableTarget, TargetKind


@click.command()
@click.option(
    "--as",
    "product",
    type=click.Choice(list(PRODUCTS)),
    default=DEFAULT_PRODUCT,
    show_default=True,
    help="Which server: a conforming SCIM 2.0 server, or a look-alike of a product.",
)
@click.option(
    "--port",
    type=Number(Range(0, 65535, whole=True)),
    default=8404,
    show_default=True,
    metavar="N",
    help="Port; 0 picks a free one.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="Address to listen on; loopback only.",
)
@click.option(
    "--with",
    "knobs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Setting of a product, such as seats=10 (see --list-knobs).",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="NAME",
    shell_complete=completers.faults,
    help="Fault to inject (see --list-faults).",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    shell_complete=completers.variants,
    help="Way to be unusual and right (see --list-variants).",
)
@click.option(
    "--delay-ms",
    type=Number(Range(0, 60_000)),
    default=0.0,
    metavar="N",
    help="Delay before each answer, in milliseconds.",
)
@click.option("--list-faults", "listed", flag_value="faults", help="List the faults for --as, then exit.")
@click.option(
    "--list-variants", "listed", flag_value="variants", help="List the variants for --as, then exit."
)
@click.option(
    "--list-knobs", "listed", flag_value="knobs", help="List the keys of --with for --as, then exit."
)
def command(
    *,
    product: str,
    port: int,
    host: str,
    knobs: tuple[str, ...],
    faults: tuple[str, ...],
    variants: tuple[str, ...],
    delay_ms: float,
    listed: str | None,
) -> None:
    """Start the embedded server, with faults or legal variants if wanted, or a look-alike of a product.

    It keeps everything in memory, serves this machine only and expects the token in SCIMPROOF_TOKEN
    (secret-token when that is not set).
    """
    chosen = PRODUCTS[product]
    if listed is not None:
        names = {"faults": chosen.faults, "variants": chosen.variants, "knobs": chosen.knobs}
        _list(names[listed]())
        return
    token = os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN
    for name in variants:
        known = chosen.variants()
        if name not in known:
            raise UsageError(f"no variant of {product} is called {name!r}{did_you_mean(name, known)}")
    target = _build(chosen, product, token, faults, knobs, variants, delay_ms / 1000)
    # A token of the environment is secret.
    printed = "..." if os.environ.get(TOKEN_VARIABLE) else DEFAULT_TOKEN

    def ready(url: str) -> None:
        click.echo(url, err=True)
        for line in target.about:
            click.echo(line, err=True)
        profile = f"--profile {target.profile} " if target.profile else ""
        command = f"{TOKEN_VARIABLE}={printed} scimproof run {profile}--target {url}"
        click.echo(f"Ctrl-C ends it. Try: {command}", err=True)

    try:
        with contextlib.suppress(KeyboardInterrupt):  # a second one, while it ends for the first
            serve(host, port, target.app, ready=ready, base_path=target.base_path)
        leave()
    except (OSError, ValueError) as problem:
        raise UsageError(f"cannot serve on {host}:{port}: {problem}") from None


def _build(
    chosen: TargetKind,
    name: str,
    token: str,
    faults: tuple[str, ...],
    knobs: tuple[str, ...],
    variants: tuple[str, ...],
    delay: float,
) -> ServableTarget:
    known = chosen.faults()
    for fault in faults:
        if fault not in known:
            raise UsageError(f"no fault of {name} is called {fault!r}{did_you_mean(fault, known)}")
    there_are = chosen.knobs()
    if knobs and not there_are:
        raise UsageError(f"--with: {name} has nothing to set up; --as names a product that has")
    turned: dict[str, str] = {}
    for knob in knobs:
        key, equals, value = knob.partition("=")
        if not equals:
            raise UsageError(f"--with {knob!r}: it is KEY=VALUE, such as seats=10")
        if key not in there_are:
            raise UsageError(f"--with {knob!r}: {name} has no {key!r}{did_you_mean(key, there_are)}")
        turned[key] = value
    try:
        return chosen.build(token, faults, delay, turned, variants)
    except ValueError as problem:
        raise UsageError(f"--as {name}: {problem}") from None


def _list(texts: Mapping[str, str]) -> None:
    width = max(map(len, texts), default=0)
    for name, text in texts.items():
        click.echo(f"{name.ljust(width)}  {text}")
