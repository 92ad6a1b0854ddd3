"""A write that was accepted, with the resource before and after it: what faults of a history go by."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, resources

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_NO_PROFILE = {"active", "groups", "meta", "schemas", "id"}


@dataclass(frozen=True)
class AcceptedWrite:
    """The resource before (empty for a create) and after (empty for a delete), and the answer."""

    before: JSON
    after: JSON
    response: ScimResponse

    def changed(self, *names: str) -> bool:
        """Whether one of these attributes has another value than before."""
        return any(self.before.get(name) != self.after.get(name) for name in names)

    @property
    def profile_changed(self) -> bool:
        """Whether anything but `active` and what the server makes itself is another."""
        return self.changed(*({*self.before, *self.after} - _NO_PROFILE))

    @property
    def deactivated(self) -> bool:
        """Whether an active user became inactive."""
        return self.before.get("active") is True and self.after.get("active") is False

    @property
    def reactivated(self) -> bool:
        """Whether an inactive user became active."""
        return self.before.get("active") is False and self.after.get("active") is True

    @property
    def joined(self) -> list[JSON]:
        """The members of a group that it did not have before."""
        return without(members_of(self.after), ids_in(self.before))

    @property
    def left(self) -> list[JSON]:
        """The members of a group that it had before."""
        return without(members_of(self.before), ids_in(self.after))


def after(
    kind: str, *actions: str
) -> Callable[[Callable[[InterceptedRequest, AcceptedWrite], None]], Behave]:
    """Decorator: do this once such a write has been accepted. The answer stays the honest one."""

    def wrap(act: Callable[[InterceptedRequest, AcceptedWrite], None]) -> Behave:
        @when(kind, *actions)
        def behave(call: InterceptedRequest) -> ScimResponse:
            before = call.current() or {}
            response = call.proceed()
            if ok(response):
                created = next(resources(response), {}) if call.action == "create" else None
                now = (call.current() or {}) if created is None else created
                act(call, AcceptedWrite(before, now, response))
            return response

        return behave

    return wrap


def members_of(group: JSON) -> list[JSON]:
    """The members of a group; empty if it shows none."""
    return list(group.get("members") or [])


def ids_in(group: JSON) -> set[str]:
    """The ids of its members."""
    return {str(member.get("value")) for member in members_of(group)}


def without(members: Iterable[JSON], ids: set[str]) -> list[JSON]:
    """These members but for those with these ids."""
    return [member for member in members if member.get("value") not in ids]


def store(call: InterceptedRequest, kind: str, resource: JSON, **changes: object) -> None:
    """Store the resource with these changes; attributes that are None are left out."""
    changed = {key: value for key, value in {**resource, **changes}.items() if value is not None}
    if resource.get("id"):
        call.ask("PUT", f"/{kind}/{resource['id']}", changed)


def groups_of(call: InterceptedRequest, user_id: str) -> list[str]:
    """The ids of the groups that a user is in, the one joined first at the beginning."""
    user = call.fetch("Users", user_id) or {}
    return [str(group["value"]) for group in user.get("groups") or []]


def expel(call: InterceptedRequest, group_id: str, user_ids: set[str]) -> None:
    """Take these users out of a group."""
    group = call.fetch("Groups", group_id) or {}
    if ids_in(group) & user_ids:
        store(call, "Groups", group, members=without(members_of(group), user_ids))


def admit(call: InterceptedRequest, group_id: str, members: list[JSON]) -> None:
    """Add these members to a group, those of them that still exist."""
    group = call.fetch("Groups", group_id) or {}
    known = [one for one in members if call.fetch("Users", str(one.get("value")))]
    new = without(known, ids_in(group))
    if new:
        store(call, "Groups", group, members=[*members_of(group), *new])


def owner_of(call: InterceptedRequest, user_name: object) -> JSON | None:
    """The user who has this userName, in whatever letter case."""
    wanted = str(user_name).lower()
    return next(iter(call.named(lambda name: name.lower() == wanted)), None)
