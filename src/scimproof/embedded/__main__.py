"""`python -m scimproof.embedded`: the embedded target as a process; its first line is its base URL."""

import argparse
import contextlib
import os

from scimproof.embedded.server import DEFAULT_TOKEN, TOKEN_VARIABLE, end_with_parent, leave, serve
from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(prog="scimproof.embedded", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--as", dest="product", default=DEFAULT_PRODUCT, choices=PRODUCTS)
    parser.add_argument("--with", dest="knobs", action="append", default=[], metavar="KEY=VALUE")
    parser.add_argument("--fault", action="append", default=[], metavar="NAME")
    parser.add_argument("--variant", action="append", default=[], metavar="NAME")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--while-stdin-open", action="store_true", help="end when standard input closes")
    options = parser.parse_args()
    if options.while_stdin_open:
        end_with_parent()
    token = os.environ.get(TOKEN_VARIABLE) or DEFAULT_TOKEN
    knobs = dict(knob.partition("=")[::2] for knob in options.knobs)
    try:
        kind = PRODUCTS[options.product]
        ready = kind.build(token, options.fault, options.delay_ms / 1000, knobs, options.variant)
    except KeyError as unknown:
        word = "variant" if unknown.args[0] in options.variant else "fault"
        parser.error(f"no {word} is called {unknown}")
    except ValueError as problem:
        parser.error(str(problem))
    with contextlib.suppress(KeyboardInterrupt):  # a second one, while it ends for the first
        serve(
            options.host,
            options.port,
            ready.app,
            ready=lambda url: print(url, flush=True),
            base_path=ready.base_path,
        )
    leave()


if __name__ == "__main__":
    main()
