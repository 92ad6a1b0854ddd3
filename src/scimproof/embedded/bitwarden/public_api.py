"""Public API of the simulated Bitwarden, which observers read: members, their status and groups, events."""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

from scimproof.embedded.bitwarden import bodies
from scimproof.embedded.bitwarden.http import JSON, PLAIN, ServiceAnswer, ServiceRequest
from scimproof.embedded.bitwarden.limits import Limiter, Rule
from scimproof.embedded.bitwarden.people import Event, Group, OrganizationMember
from scimproof.embedded.bitwarden.vault import Vault

SCOPE = "api.organization"
LIFETIME = 3600  # seconds
_PAGE = 50  # events
_LONGEST = timedelta(days=367)
_TOKEN = re.compile(r"(?:/identity)?/connect/token")
_PATH = re.compile(r"(?:/api)?/public/(members|groups|events)(?:/([^/]+)(?:/(group-ids|member-ids))?)?")


class PublicApi:
    """Two services: the token endpoint, and the API below /public."""

    def __init__(self, vault: Vault, secret: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._vault = vault
        self._secret = secret
        self._clock = clock
        self._limiter = Limiter(clock)
        self._tokens: dict[str, float] = {}
        self._issuing = threading.Lock()

    def answer(self, request: ServiceRequest) -> ServiceAnswer | None:
        """The answer, or None if the path is none of the Public API's."""
        token, found = _TOKEN.fullmatch(request.path), _PATH.fullmatch(request.path)
        if token is None and found is None:
            return None
        # Only the cloud counts.
        cloud = self._vault.knobs.hosting == "cloud"
        service = "token" if token else "api"
        wait = self._limiter.wait(request.peer, *self._rules(request, service)) if cloud else 0
        if wait:
            return _slow_down(wait)
        if found is None:
            return self._grant(request)
        if not self._admitted(request):
            return ServiceAnswer(401)
        if request.method != "GET":
            return ServiceAnswer(405, headers={"Allow": "GET"})
        with self._vault.lock:
            return self._read(request, *found.groups())

    def _rules(self, request: ServiceRequest, service: str) -> tuple[str, tuple[Rule, ...]]:
        knobs = self._vault.knobs
        if request.method == "GET":
            return f"{service} reads", (Rule(knobs.reads_per_minute, 60),)
        rules = Rule(knobs.writes_per_minute, 60), Rule(knobs.writes_per_second, 1)
        return f"{service} writes", rules

    def _grant(self, request: ServiceRequest) -> ServiceAnswer:
        if request.method != "POST":
            return ServiceAnswer(405, headers={"Allow": "POST"})
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if form.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type")
        identified = form.get("client_id", "").lower() == f"organization.{self._vault.organization}"
        if (
            not self._vault.knobs.api
            or not identified
            or not secrets.compare_digest(form.get("client_secret", "").encode(), self._secret.encode())
        ):
            return _oauth_error("invalid_client")
        if form.get("scope") != SCOPE:
            return _oauth_error("invalid_scope")
        token = secrets.token_urlsafe(24)
        moment = self._clock()
        with self._issuing:  # between reading them all and keeping these, another thread may add one
            self._tokens = {known: ends for known, ends in self._tokens.items() if ends > moment}
            self._tokens[token] = moment + LIFETIME
        body = {"access_token": token, "expires_in": LIFETIME, "token_type": "Bearer", "scope": SCOPE}
        return ServiceAnswer(200, body, PLAIN)

    def _admitted(self, request: ServiceRequest) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self._tokens.get(token, 0.0) > self._clock()

    def _read(self, request: ServiceRequest, kind: str, id: str | None, part: str | None) -> ServiceAnswer:
        vault = self._vault
        if kind == "events":
            return _events(vault, request) if id is None else ServiceAnswer(404)
        if id is None:
            members = [show_member(member) for member in vault.members.values()]
            groups = [show_group(group) for group in vault.groups.values()]
            return _list(members if kind == "members" else groups)
        known = bodies.guid(id) or ""
        if kind == "members":
            member = vault.members.get(known)
            return _member(vault, member, part) if member else ServiceAnswer(404)
        group = vault.groups.get(known)
        return _group(group, part) if group else ServiceAnswer(404)


def show_member(member: OrganizationMember) -> JSON:
    """A member as in the Public API; SCIM does not show `status`."""
    account = member.account
    return {
        "object": "member",
        "id": member.id,
        "userId": account.id if account else None,
        "name": account.name if account else None,
        "email": member.email,
        "twoFactorEnabled": bool(account and account.two_step),
        "status": int(member.status),
        "type": int(member.role),
        "externalId": member.external_id,
        "resetPasswordEnrolled": False,
        "ssoExternalId": None,
        "collections": [],
    }


def groups_of(vault: Vault, member: OrganizationMember) -> list[str]:
    """The ids of the groups that a member is in."""
    return [group.id for group in vault.groups.values() if member.id in group.members]


def show_group(group: Group) -> JSON:
    """A group as the Public API shows one."""
    return {
        "object": "group",
        "id": group.id,
        "name": group.name,
        "externalId": group.external_id,
        "collections": [],
    }


def _member(vault: Vault, member: OrganizationMember, part: str | None) -> ServiceAnswer:
    if part == "member-ids":
        return ServiceAnswer(404)
    return ServiceAnswer(200, groups_of(vault, member) if part else show_member(member), PLAIN)


def _group(group: Group, part: str | None) -> ServiceAnswer:
    if part == "group-ids":
        return ServiceAnswer(404)
    return ServiceAnswer(200, list(group.members) if part else show_group(group), PLAIN)


def _events(vault: Vault, request: ServiceRequest) -> ServiceAnswer:
    """Events, the latest first, a page at a time."""
    query = request.query
    try:
        start, end = _days(query)
        before = int(query.get("continuationtoken") or 0)
    except ValueError:
        return _error(400, "The start, the end or the continuation token cannot be read.")
    if end - start > _LONGEST:
        return _error(400, "Range too large.")
    item = query.get("itemid")
    found = [
        event
        for event in vault.logged()
        if (not before or event.number < before)
        and start <= _read_moment(event.date) <= end
        and (item is None or item in (event.member, event.group))
    ]
    page = found[:_PAGE]
    more = str(page[-1].number) if len(found) > len(page) else None
    return _list([_show_event(event) for event in page], more)


def _days(query: dict[str, str]) -> tuple[datetime, datetime]:
    """The period: as asked for, ordered; the last thirty days if either end is missing."""
    start, end = query.get("start"), query.get("end")
    if not start or not end:
        for text in filter(None, (start, end)):
            _read_moment(text)
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return today - timedelta(days=30), today + timedelta(days=1)
    first, last = sorted((_read_moment(start), _read_moment(end)))
    return first, last


def _read_moment(text: str) -> datetime:
    """A time in the format of the service or a client; digits beyond microseconds are ignored."""
    found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text).replace(" ", "+"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _show_event(event: Event) -> JSON:
    return {
        "object": "event",
        "type": int(event.what),
        "itemId": None,
        "collectionId": None,
        "groupId": event.group,
        "policyId": None,
        "memberId": event.member,
        "actingUserId": None,
        "installationId": None,
        "date": event.date,
        "device": None,
        "ipAddress": None,
    }


def _list(data: list[JSON], more: str | None = None) -> ServiceAnswer:
    return ServiceAnswer(200, {"object": "list", "data": data, "continuationToken": more}, PLAIN)


def _error(status: int, message: str) -> ServiceAnswer:
    return ServiceAnswer(status, {"object": "error", "message": message, "errors": None}, PLAIN)


def _oauth_error(what: str) -> ServiceAnswer:
    return ServiceAnswer(400, {"error": what}, PLAIN)


def _slow_down(seconds: int) -> ServiceAnswer:
    answer = _error(429, f"Slow down! Too many requests. Try again in {seconds}s.")
    answer.headers["Retry-After"] = str(seconds)
    return answer
