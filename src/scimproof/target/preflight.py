"""Read-only connection diagnosis: DNS, TCP, TLS, HTTP, credentials; one line of advice for each failure."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scimproof.catalog.request_template import Template
from scimproof.core.errors import CannotTell, RunStopped
from scimproof.core.http_message import Exchange, Request, short
from scimproof.core.scim import GONE, value_at
from scimproof.target.probe_answer import is_html, unusable
from scimproof.target.target import Target

LIST = "harness/user-list.http"
BASES = ("/scim/v2", "/scim", "/v2", "/api/scim/v2", "")
Ask = Callable[[], Exchange]
Known = Callable[[int], list[str]]  # what is known of the product at that URL, about an answer of that status

# OpenSSL's verify codes, as `ssl.SSLCertVerificationError.verify_code` has them.
EXPIRED, NOT_YET, SELF_SIGNED, SELF_SIGNED_CHAIN, NO_ISSUER, NO_FIRST = 10, 9, 18, 19, 20, 21
WRONG_HOST = (62, 64)

PROBE_SECONDS = 10.0  # for the answer to the connection test, unless the user says otherwise


@dataclass(frozen=True)
class Probe:
    """The result of one check: its name, whether it is good, and a sentence.

    With `setup` it stays bad until somebody changes the options.
    """

    stage: str
    fine: bool
    text: str
    setup: bool = False


def examine(
    target: Target, ask: Ask, seconds: float = 10.0, known: Known = lambda _: [], *, usable: bool = True
) -> Iterator[Probe]:
    """Check DNS, connection, TLS and HTTP, in that order; ends with the first that fails.

    `ask` sends the connection test; nothing is written to the target. The answer has to be a list of users
    if it must be `usable`; otherwise any answer that a run could judge is good.
    """
    stages: list[tuple[str, Callable[[], str]]] = [
        ("name", lambda: _resolve(target, seconds)),
        ("connection", lambda: _connect(target, seconds)),
    ]
    if target.scheme == "https":
        stages.append(("TLS", lambda: _handshake(target, seconds)))
    stages.append(("SCIM", lambda: _judge(target, ask(), known, usable=usable)))
    for name, stage in stages:
        try:
            yield Probe(name, fine=True, text=stage())
        except (CannotTell, RunStopped) as problem:
            cause = problem.__cause__ if isinstance(problem, RunStopped) else problem
            yield Probe(name, fine=False, text=str(problem), setup=getattr(cause, "setup", False))
            return


def probe_request(template: Template, target: Target, authorization: str, prefix: str = "") -> Request:
    """The sender's connection test: the cheapest request that every SCIM server can answer."""
    return template.fill(target.blanks(prefix) | {"authorization": authorization})


def connection_test(
    send: Callable[[Request], Exchange],
    templates: Mapping[str, Template],
    file: str,
    target: Target,
    authorization: str,
    prefix: str = "",
) -> Exchange:
    """The answer to the sender's connection test, or to a list of users where that is a search answered 404.

    A search that finds nobody has to be answered 200 (RFC 7644 section 3.4.2). A server that says 404 is
    wrong, which a run has to judge, and is served at that base path all the same.
    """
    template = templates[file]
    exchange = send(probe_request(template, target, authorization, prefix))
    if exchange.status not in GONE or "filter=" not in template.target:
        return exchange
    known = target.blanks(prefix) | {"authorization": authorization, "startIndex": "1"}
    listed = send(templates[LIST].fill(known))
    return listed if listed.ok else exchange


def preflight(target: Target, ask: Ask, seconds: float = 10.0, known: Known = lambda _: []) -> None:
    """Return when the target can be tested; raises CannotTell with one line when it cannot."""
    for seen in examine(target, ask, seconds, known, usable=False):
        if not seen.fine:
            raise CannotTell(seen.text, setup=seen.setup)


def elsewhere(target: Target, ask: Callable[[str], Exchange]) -> str:
    """The base URL on the same server at which SCIM seems to be served; empty when none is found."""
    origin = target.url.removesuffix(target.base)
    for base in BASES:
        if base != target.base and not unusable(ask(base)):
            return origin + base
    return ""


def _resolve(target: Target, seconds: float) -> str:
    try:
        ipaddress.ip_address(target.host)
    except ValueError:
        pass
    else:
        return f"{target.host} is an address"
    found: list[Any] = []

    def lookup() -> None:
        try:
            found.extend(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as problem:
            found.append(problem)

    # A thread that may be left behind: the system's resolver knows no deadline.
    thread = threading.Thread(target=lookup, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise CannotTell(f"no answer from DNS for {target.host} within {seconds:g} s")
    if isinstance(found[0], Exception):
        raise CannotTell(f"the name {target.host} cannot be resolved (DNS); check the host in --target")
    return f"{target.host} is {found[0][4][0]}"


def _connect(target: Target, seconds: float) -> str:
    where = f"{target.host}:{target.port}"
    try:
        socket.create_connection((target.host, target.port), seconds).close()
    except ConnectionRefusedError:
        raise CannotTell(
            f"{where} refuses the connection: is the server running, and is the port right?"
        ) from None
    except TimeoutError:
        raise CannotTell(
            f"no connection to {where} within {seconds:g} s: a firewall, or the wrong port?"
        ) from None
    except OSError as problem:
        raise CannotTell(f"no connection to {where}: {problem.strerror or problem}") from None
    return f"{where} accepts connections"


def _handshake(target: Target, seconds: float) -> str:
    context = target.ssl_context()
    try:
        with (
            socket.create_connection((target.host, target.port), seconds) as plain,
            context.wrap_socket(plain, server_hostname=target.host) as secure,
        ):
            checked = "not checked (--insecure)" if target.insecure else "trusted"
            return f"{secure.version()}, certificate {checked}"
    except ssl.SSLCertVerificationError as problem:
        raise CannotTell(_untrusted(target, problem), setup=True) from None
    except TimeoutError:
        raise CannotTell(
            f"{target.host}:{target.port} does not answer the TLS handshake within {seconds:g} s "
            "(is it http:// instead of https://?)"
        ) from None
    except OSError as problem:
        told = _tls(target, str(problem))
        raise CannotTell(told, setup="--client-cert" in told) from None


def _untrusted(target: Target, problem: ssl.SSLCertVerificationError) -> str:
    head = f"TLS: the certificate of {target.host}"
    if problem.verify_code == EXPIRED:
        return f"{head} has expired; renew it (or --insecure, for a test server of your own)"
    if problem.verify_code == NOT_YET:
        return f"{head} is not valid yet; check the clocks (or --insecure, for a test server of your own)"
    if problem.verify_code in WRONG_HOST:
        return f"{head} is for another name; use the name it was issued for (or --insecure)"
    if problem.verify_code in (SELF_SIGNED, SELF_SIGNED_CHAIN):
        return (
            f"{head} is self-signed; give it, or the CA that signed it, with --ca-bundle FILE (or --insecure)"
        )
    if problem.verify_code in (NO_ISSUER, NO_FIRST):
        return f"{head} comes from an unknown CA; give that CA with --ca-bundle FILE (or --insecure)"
    return f"{head} is not trusted: {problem.verify_message}; see --ca-bundle and --insecure"


def _tls(target: Target, text: str) -> str:
    low = text.lower().replace("_", " ")
    if "certificate required" in low or "handshake failure" in low or "bad certificate" in low:
        return f"TLS: {target.host} wants a client certificate; see --client-cert and --client-key"
    if "wrong version number" in low or "record layer" in low or "http request" in low:
        return f"{target.host}:{target.port} does not speak TLS; is it http:// instead of https://?"
    if "unknown ca" in low or "certificate unknown" in low:
        return f"TLS: {target.host} does not trust the certificate given with --client-cert"
    return f"TLS: the handshake with {target.host}:{target.port} failed: {text}"


def _judge(target: Target, exchange: Exchange, known: Known, *, usable: bool) -> str:
    """Judge the answer to the connection test; raises CannotTell where a run would make no sense.

    A 500, or JSON that is not SCIM, is judged by the run; only where the answer has to be `usable` it raises
    for these too.
    """
    where = f"GET {target.url}/Users"
    if exchange.error and not exchange.headers:
        raise CannotTell(_no_answer(target, exchange.error))
    if exchange.error.startswith("no complete answer"):
        raise CannotTell(f"{where}: {exchange.error}; see --timeout")
    if exchange.error and not usable:
        return f"the answer is broken, which the run will judge: {exchange.error}"
    if 300 <= exchange.status < 400:
        to = (exchange.header("Location") or "nowhere").partition("?")[0]
        raise CannotTell(
            f"{where} answered {exchange.status}, a redirect to {to}; it is not followed, since the "
            "token must not reach another place; give the final URL as --target",
            setup=True,
        )
    if exchange.status in (401, 403):
        raise CannotTell(_credentials(where, exchange), setup=True)
    if exchange.status in (404, 410):
        raise CannotTell(
            f"{where} answered {exchange.status}: no SCIM at this base path; "
            f"{_other_base(target, known(exchange.status))}",
            setup=True,
        )
    if exchange.status == 405:
        raise CannotTell(
            f"{where} answered 405: something else than SCIM is at this path; "
            f"{_other_base(target, known(exchange.status))}",
            setup=True,
        )
    if exchange.status < 500 and is_html(exchange):
        raise CannotTell(
            f"{where} answered {exchange.status} with an HTML page instead of SCIM: a login page, a proxy or "
            f"the wrong path; {_other_base(target, known(exchange.status))}",
            setup=True,
        )
    if usable and (wrong := unusable(exchange)):
        raise CannotTell(f"{where} {wrong}")
    total = value_at(exchange.json, "totalResults")
    return f"{exchange.status} in {exchange.seconds * 1000:.0f} ms" + (
        "" if total is None else f", {total} users"
    )


def _no_answer(target: Target, error: str) -> str:
    where = f"{target.host}:{target.port}"
    low = error.lower()
    if "alert" in low or "ssl" in low or "certificate" in low:
        return _tls(target, error)
    if error.startswith("no complete answer"):
        return f"{where} accepts connections but gives {error}; see --timeout for a slow target"
    if "without an answer" in low or "reset" in low:
        return f"{where} closes the connection without an answer" + _https(target)
    if "not HTTP" in error:
        return f"{where} does not speak HTTP{_https(target)}: {error}"
    return f"{where}: {error}"


def _https(target: Target) -> str:
    return " (is it https:// instead of http://?)" if target.scheme == "http" else ""


def _credentials(where: str, exchange: Exchange) -> str:
    wanted = (exchange.header("WWW-Authenticate") or "").split(" ")[0].rstrip(",")
    detail = value_at(exchange.json, "detail")
    said = f' ("{short(detail, 120)}")' if isinstance(detail, str) and detail else ""
    asks = f"; it asks for {wanted}" if wanted.isalnum() and len(wanted) <= 20 else ""
    return (
        f"{where} answered {exchange.status}{said}: the target refuses the credentials{asks}; "
        "check SCIMPROOF_TOKEN (or --token-file) and --auth"
    )


def _other_base(target: Target, known: list[str]) -> str:
    origin = target.url.removesuffix(target.base)
    if target.base.endswith(("/Users", "/Groups")):
        return f"--target ends before /Users, as in {origin}{target.base.rpartition('/')[0]}"
    if known:
        return known[0]
    if target.base in ("/scim/v2", "/v2"):
        return f"is the path {target.base} right? `scimproof doctor` tries the usual others"
    return f"most servers have it at {origin}/scim/v2; `scimproof doctor` tries the usual others"
