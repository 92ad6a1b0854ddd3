"""Variants of resource types and of what their schemas have."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.discovery import Documents
from scimproof.embedded.example_schemas import ROOM_URN
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant
from scimproof.embedded.variants.people import add


def _users_only(documents: Documents) -> None:
    documents.remove_type("Group")
    documents.remove_type("Room")
    documents.remove_attribute("User", "groups")


def _members_on_request(documents: Documents) -> None:
    documents.attribute("Group", "members")["returned"] = "request"


def _no_groups_of_users(documents: Documents) -> None:
    documents.remove_attribute("User", "groups")


def _group_names_repeat(documents: Documents) -> None:
    documents.attribute("Group", "displayName")["uniqueness"] = "none"


def _one_room(service: Service, store: Store) -> None:
    add(service, store, "Room", {"schemas": [ROOM_URN], "name": "Lobby"})


def _rooms_are_given(call: InterceptedRequest) -> ScimResponse:
    if call.on("Rooms", "create"):
        return error(403, "Rooms are made elsewhere.")
    if call.on("Rooms", "delete"):
        refused = error(405, "Rooms are not deleted here.")
        refused.headers["Allow"] = "GET, PUT, PATCH"
        return refused
    return call.proceed()


VARIANTS = (
    Variant("users-only", "There are users and no other type.", describe=_users_only),
    Variant("members-on-request", "Members are shown when they are asked for.", describe=_members_on_request),
    Variant("no-groups-of-users", "Users do not show their groups.", describe=_no_groups_of_users),
    Variant("group-names-repeat", "Two groups may have one name.", describe=_group_names_repeat),
    Variant(
        "delete-forbidden-type",
        "A third type is read and changed, but neither made nor deleted.",
        arrange=_one_room,
        behave=_rooms_are_given,
    ),
)
