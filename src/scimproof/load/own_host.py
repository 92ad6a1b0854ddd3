"""Host that a Locust process was started with: the only one that gets this process's token.

Locust takes the host from whoever reaches its web page, from a master and from a locust.conf in the working
folder. None of them knows the token, and each could have it sent to a server of its own.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from scimproof.core.errors import UsageError
from scimproof.core.escaping import line
from scimproof.target.options import TargetOptions
from scimproof.target.target import Target, parse_url

LONG = 200  # characters of a host that somebody typed


def own_host(arguments: Sequence[str] | None = None, environment: Mapping[str, str] | None = None) -> str:
    """What -H or --host of this process's command line says, else LOCUST_HOST; empty for neither."""
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("-H", "--host", default="")
    try:
        found, _ = parser.parse_known_args(list(sys.argv[1:] if arguments is None else arguments))
    except argparse.ArgumentError:  # --host without a value, which Locust refuses in its own words
        return ""
    return str(found.host or (os.environ if environment is None else environment).get("LOCUST_HOST", ""))


def own_target(own: str, asked: str, environment: Mapping[str, str]) -> Target:
    """The target with its token, for a start that asks for that host (empty: it does not say).

    It is the own host's whatever is asked; UsageError where another one is, or none was given, or no token.
    """
    if not own:
        raise UsageError(
            "locust was started without --host, and SCIMPROOF_TOKEN is sent to the host of its command line "
            "only, never to one that a web form, a master or a locust.conf names: start it with "
            "--host https://host/scim/v2 (nothing was sent)"
        )
    target = TargetOptions(url=own).target(environment)
    if asked and _parts(asked) != _parts(target.url):
        raise UsageError(
            f"SCIMPROOF_TOKEN is for {target.url}, with which locust was started, and is not sent to "
            f"{line(asked, LONG)}; start locust with --host to test another server (nothing was sent)"
        )
    return target


def _parts(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and base path: what makes two URLs one; None for what is no base URL."""
    try:
        target = Target(parse_url(url))
    except UsageError:
        return None
    return urlsplit(target.url).scheme, target.host, target.port, target.base
