"""Every legal variant does what it says, and is right in all else."""

import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

from scimproof.embedded.app import build
from scimproof.embedded.example_schemas import ROOM_URN
from scimproof.embedded.targets import PRODUCTS
from scimproof.embedded.variants import VARIANTS

from .client import ENTERPRISE, GROUP, JSON, PATCH, USER, Client

BASE = "http://127.0.0.1:8080/scim/v2"
MESSAGES = "urn:ietf:params:scim:api:messages:2.0:"
SEARCH = f"{MESSAGES}SearchRequest"
BULK = f"{MESSAGES}BulkRequest"
VENDOR = "urn:example:vendor:2.0:User"
Check = Callable[[Client], None]


def make(client: Client, user_name: str = "jane", /, **more: Any) -> JSON:
    """A user, as the create is answered."""
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": user_name, **more})
    assert answer.status == 201, answer.body
    return answer.body


def group(client: Client, name: str, *users: JSON) -> JSON:
    """A group of these users, as the create is answered."""
    members = [{"value": user["id"]} for user in users]
    answer = client.send("POST", "/Groups", {"schemas": [GROUP], "displayName": name, "members": members})
    assert answer.status == 201, answer.body
    return answer.body


def found(client: Client, query: str, kind: str = "Users") -> list[JSON]:
    """What a query gives."""
    answer = client.send("GET", f"/{kind}?{query}")
    assert answer.status == 200, answer.body
    return list(answer.body["Resources"])


def config(client: Client) -> JSON:
    """The configuration."""
    return client.send("GET", "/ServiceProviderConfig").body


def attribute(client: Client, urn: str, name: str) -> JSON | None:
    """An attribute as the schema shows it."""
    schema = client.send("GET", f"/Schemas/{urn}").body
    return next((each for each in schema["attributes"] if each["name"] == name), None)


def op(client: Client, path: str, verb: str, target: str, value: Any = None) -> Any:
    """The answer to a PATCH with one operation."""
    operation = {"op": verb, "path": target} | ({} if value is None else {"value": value})
    return client.patch(path, operation)


def jobs(client: Client, *operations: JSON) -> JSON:
    """The answer to a bulk job."""
    return client.send("POST", "/Bulk", {"schemas": [BULK], "Operations": list(operations)}).body


def post(bulk_id: str, **data: Any) -> JSON:
    """An operation that makes a group."""
    body = {"schemas": [GROUP], "displayName": bulk_id, **data}
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": body}


def minimal(client: Client) -> None:
    """Nothing is offered but to make, read, list, replace and delete users."""
    said = config(client)
    for feature in ("patch", "bulk", "filter", "sort", "etag", "changePassword"):
        assert said[feature]["supported"] is False
    assert "pagination" not in said
    [kind] = client.send("GET", "/ResourceTypes").body["Resources"]
    assert "schemaExtensions" not in kind
    [schema] = client.send("GET", "/Schemas").body["Resources"]
    assert [each["name"] for each in schema["attributes"]] == ["userName"]
    user = make(client)
    assert user.keys() == {"schemas", "id", "userName", "meta"}
    assert "version" not in user["meta"]
    path = f"/Users/{user['id']}"
    for answer in (
        op(client, path, "replace", "userName", "x"),
        client.send("POST", "/Bulk", {"schemas": [BULK], "Operations": [post("a")]}),
        client.send("GET", "/Me"),
        client.send("POST", "/Users/.search", {"schemas": [SEARCH]}),
        client.send("POST", "/.search", {"schemas": [SEARCH]}),
        client.send("GET", "/Users?filter=userName%20pr"),
        client.send("GET", "/Users?sortBy=userName"),
        client.send("GET", "/Users?cursor&count=1"),
    ):
        assert (answer.status, answer.body["status"]) == (501, "501")
    assert client.send("GET", "/Groups").status == 404
    assert "ETag" not in client.send("GET", path).headers
    changed = client.send("PUT", path, {"schemas": [USER], "userName": "joan"})
    assert (changed.status, changed.body["userName"]) == (200, "joan")
    assert client.send("POST", "/Users", {"schemas": [USER], "userName": "JOAN"}).status == 409
    assert client.send("POST", "/Users", {"schemas": [USER], "userName": "x", "title": "T"}).status == 400


def users_only(client: Client) -> None:
    """No other type, and no groups of users."""
    assert [each["name"] for each in client.send("GET", "/ResourceTypes").body["Resources"]] == ["User"]
    assert client.send("GET", "/Groups").status == 404
    assert attribute(client, USER, "groups") is None
    assert client.send("GET", f"/Schemas/{GROUP}").status == 404


def patch_204(client: Client) -> None:
    """No body unless attributes are asked for; the tag is there."""
    path = f"/Users/{make(client)['id']}"
    answer = op(client, path, "replace", "title", "T")
    assert (answer.status, answer.raw) == (204, b"")
    assert answer.headers["ETag"] == client.send("GET", path).headers["ETag"]
    body = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "title", "value": "U"}]}
    assert client.send("PATCH", f"{path}?attributes=title", body).body["title"] == "U"


def tags(pattern: str) -> Check:
    """Versions of this form, which works in conditions."""

    def check(client: Client) -> None:
        user = make(client)
        path = f"/Users/{user['id']}"
        answer = client.send("GET", path)
        tag = answer.headers["ETag"]
        assert tag == user["meta"]["version"]
        assert re.fullmatch(pattern, tag)
        assert client.send("GET", path, HTTP_IF_NONE_MATCH=tag).status == 304
        assert op(client, path, "replace", "title", "T").headers["ETag"] != tag
        assert client.send("DELETE", path, HTTP_IF_MATCH=tag).status == 412

    return check


def no_etags(client: Client) -> None:
    """Neither header nor version, and the configuration says so."""
    assert config(client)["etag"]["supported"] is False
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": "a"})
    assert "ETag" not in answer.headers
    assert "version" not in answer.body["meta"]


def version_without_header(client: Client) -> None:
    """The version works, but no header shows it."""
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": "a"})
    path, tag = f"/Users/{answer.body['id']}", answer.body["meta"]["version"]
    for shown in (answer, client.send("GET", path), op(client, path, "add", "title", "T")):
        assert "ETag" not in shown.headers
    assert client.send("DELETE", path, HTTP_IF_MATCH=tag).status == 412
    assert jobs(client, post("g"))["Operations"][0]["version"]


def members_on_request(client: Client) -> None:
    """Only `attributes` shows them; they are there all the same."""
    user = make(client)
    made = group(client, "G", user)
    path = f"/Groups/{made['id']}"
    assert "members" not in [*made, *client.send("GET", path).body, *found(client, "count=1", "Groups")[0]]
    asked = client.send("GET", f"{path}?attributes=members").body
    assert [entry["value"] for entry in asked["members"]] == [user["id"]]
    assert client.send("GET", f"/Users/{user['id']}").body["groups"][0]["value"] == made["id"]
    members = attribute(client, GROUP, "members")
    assert members
    assert members["returned"] == "request"


def no_groups_of_users(client: Client) -> None:
    """The schema has none, and users show none."""
    user = make(client)
    group(client, "G", user)
    assert attribute(client, USER, "groups") is None
    assert "groups" not in client.send("GET", f"/Users/{user['id']}").body


def username_lower_cased(client: Client) -> None:
    """In every answer, after every write; found in any letter case."""
    user = make(client, "Jane.DOE")
    assert user["userName"] == "jane.doe"
    assert op(client, f"/Users/{user['id']}", "replace", "userName", "JOAN").body["userName"] == "joan"
    assert client.find("Users", "userName", "JoAn").body["totalResults"] == 1


def email_domain_lower_cased(client: Client) -> None:
    """The local part keeps its letters."""
    user = make(client, "a", emails=[{"value": "Jane@Example.COM", "type": "work"}])
    assert user["emails"] == [{"value": "Jane@example.com", "type": "work"}]


def phone_canonical(client: Client) -> None:
    """Digits and a plus sign."""
    user = make(client, "a", phoneNumbers=[{"value": "+1 (555) 010-99", "type": "work"}])
    assert user["phoneNumbers"] == [{"value": "+155501099", "type": "work"}]


def defaults(client: Client) -> None:
    """Filled at a create, and again when they are taken away; what was sent stays."""
    filled = {"active": True, "displayName": "a", "locale": "en-US", "userType": "Employee"}
    user = make(client, "a")
    assert filled.items() <= user.items()
    path = f"/Users/{user['id']}"
    assert op(client, path, "replace", "locale", "fr-FR").body["locale"] == "fr-FR"
    assert op(client, path, "remove", "locale").body["locale"] == "en-US"
    assert found(client, "filter=" + quote('userType eq "Employee"')) != []


def formatted_made(client: Client) -> None:
    """It follows the parts, and the schema says that it is the server's."""
    user = make(client, "a", name={"givenName": "G", "familyName": "F", "formatted": "mine"})
    assert user["name"]["formatted"] == "G F"
    path = f"/Users/{user['id']}"
    assert op(client, path, "replace", "name.familyName", "X").body["name"]["formatted"] == "G X"
    again = client.merge(path, name={"givenName": "H"})
    assert again.body["name"] == {"givenName": "H", "formatted": "H"}
    assert op(client, path, "replace", "name.formatted", "mine").body["scimType"] == "mutability"


def first_email_primary(client: Client) -> None:
    """The only one is, and is shown so; with two the client decides."""
    user = make(client, "a", emails=[{"value": "a@b.c"}])
    assert user["emails"] == [{"value": "a@b.c", "primary": True}]
    assert found(client, "filter=" + quote("emails[primary eq true]"))[0]["id"] == user["id"]
    more = {"value": "d@e.f", "primary": True}
    shown = op(client, f"/Users/{user['id']}", "add", "emails", [more]).body["emails"]
    assert [entry["value"] for entry in shown if entry.get("primary")] == ["d@e.f"]


def null_placeholders(client: Client) -> None:
    """Null and [], which may be sent back as they are; not in a projection that does not ask for them."""
    user = make(client)
    assert (user["title"], user["emails"], user["groups"]) == (None, [], [])
    assert "password" not in user
    path = f"/Users/{user['id']}"
    assert client.send("PUT", path, user).body == user
    assert client.send("GET", f"{path}?attributes=userName").body.keys() == {"schemas", "id", "userName"}
    assert found(client, "filter=title%20pr") == []


def relative_locations(client: Client) -> None:
    """Paths in Location, meta.location and $ref, which lead back."""
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": "a"})
    path = f"/scim/v2/Users/{answer.body['id']}"
    assert answer.headers["Location"] == answer.body["meta"]["location"] == path
    assert group(client, "G", answer.body)["members"][0]["$ref"] == path
    assert client.send("GET", path.removeprefix("/scim/v2")).status == 200


def behind_proxy(client: Client) -> None:
    """Another host and scheme, the same path."""
    answer = client.send("POST", "/Users", {"schemas": [USER], "userName": "a"})
    location = f"https://scim.example.org/scim/v2/Users/{answer.body['id']}"
    assert answer.headers["Location"] == answer.body["meta"]["location"] == location


def own_maximum(client: Client) -> None:
    """Three on a page, whatever is asked for; the configuration says so."""
    for name in "abcde":
        make(client, name)
    for query in ("", "count=5", "count=100&filter=userName%20pr"):
        assert len(found(client, query)) == 3
    assert len(found(client, "startIndex=4&count=5")) == 2
    assert client.send("GET", "/Users").body["totalResults"] == 5
    said = config(client)
    assert said["filter"]["maxResults"] == said["pagination"]["maxPageSize"] == 3


def quoted_charset(client: Client) -> None:
    """On every answer with a body, refusals without credentials too."""
    for answer in (client.send("GET", "/Users"), client.send("GET", "/Users", token=None)):
        assert answer.headers["Content-Type"] == 'application/scim+json; charset="UTF-8"'


def extra_members(client: Client) -> None:
    """In lists, errors and the configuration; the extension is listed and the server's."""
    user = make(client)
    assert user[VENDOR] == {"tenant": "north"}
    assert VENDOR in user["schemas"]
    for path in ("/Users", "/Users/nobody", "/ServiceProviderConfig", "/Schemas"):
        assert client.send("GET", path).body["vendorTrace"] == {"node": 7}
    assert attribute(client, VENDOR, "tenant")
    listed = client.send("GET", "/ResourceTypes/User").body["schemaExtensions"]
    assert VENDOR in [each["schema"] for each in listed]
    path = f"/Users/{user['id']}"
    assert client.send("PUT", path, {"schemas": [USER], "userName": "jane"}).body == user
    assert op(client, path, "replace", f"{VENDOR}:tenant", "x").body["scimType"] == "mutability"


def endpoint_without_slash(client: Client) -> None:
    """As it is printed; the endpoints are where they were."""
    types = client.send("GET", "/ResourceTypes").body["Resources"]
    assert [each["endpoint"] for each in types] == ["Users", "Groups", "Rooms"]
    assert make(client)["meta"]["location"].startswith(f"{BASE}/Users/")


def ids(pattern: str) -> Check:
    """Ids of this form, by which everything is found."""

    def check(client: Client) -> None:
        user = make(client)
        assert re.fullmatch(pattern, user["id"])
        assert client.send("GET", f"/Users/{user['id']}").body == user
        made = group(client, "G", user)
        assert made["members"][0]["value"] == user["id"]
        path = f"/Groups/{made['id']}"
        assert op(client, path, "remove", f'members[value eq "{user["id"]}"]').status == 204
        wanted = quote(f'id eq "{user["id"]}"')
        assert [each["id"] for each in found(client, f"filter={wanted}")] == [user["id"]]
        names = [make(client, f"n{number:02}")["userName"] for number in range(12)]
        assert [each["userName"] for each in found(client, "")] == ["jane", *names]

    return check


def group_names_repeat(client: Client) -> None:
    """201, and the schema says so; without the variant 409."""
    group(client, "G")
    group(client, "g")
    name = attribute(client, GROUP, "displayName")
    assert name
    assert name["uniqueness"] == "none"
    usual = Client(build(token="t"), "t")
    group(usual, "G")
    answer = usual.send("POST", "/Groups", {"schemas": [GROUP], "displayName": "g"})
    assert (answer.status, answer.body["scimType"]) == (409, "uniqueness")


def shorthand_emails(client: Client) -> None:
    """Emails co is emails.value co."""
    make(client, "a", emails=[{"value": "jane@b.c"}])
    assert len(found(client, "filter=" + quote('emails co "jane@"'))) == 1


def refuses(word: str, *requests: tuple[str, str, JSON | None]) -> Check:
    """These are 400 with this word; what is beside them is not."""

    def check(client: Client) -> None:
        user = make(client, "jane", emails=[{"value": "jane@b.c", "type": "work"}])
        for method, path, body in requests:
            answer = client.send(method, path.replace("ID", user["id"]), body)
            assert (answer.status, answer.body["scimType"]) == (400, word)
        assert client.send("GET", f"/Users/{user['id']}").body == user
        assert len(found(client, "filter=" + quote('userName sw "ja"') + "&sortBy=userName")) == 1
        assert client.send("GET", "/Users?filter=userName%20co").body["scimType"] == "invalidFilter"
        assert client.send("POST", "/Users/.search", {"schemas": [SEARCH]}).status == 200

    return check


def value_paths_declined(client: Client) -> None:
    """In filters by invalidFilter, in paths by invalidPath."""
    text = 'not (emails[type eq "work"]) and userName pr'
    search = {"schemas": [SEARCH], "filter": text}
    refuses(
        "invalidFilter",
        ("GET", f"/Users?filter={quote(text)}", None),
        ("POST", "/Users/.search", search),
        ("POST", "/.search", search),
    )(client)
    path = f"/Users/{make(client, 'b')['id']}"
    assert op(client, path, "replace", 'emails[type eq "work"].value', "x").body["scimType"] == "invalidPath"


def no_match_no_target(client: Client) -> None:
    """Also for the second of two operations, and then the first is not done either."""
    user = make(client, "a", nickName="n", emails=[{"value": "a@b.c", "type": "work"}])
    path = f"/Users/{user['id']}"
    for target in ("title", 'emails[type eq "home"]', "name.middleName", f"{ENTERPRISE}:department"):
        assert op(client, path, "remove", target).body["scimType"] == "noTarget"
    twice = client.patch(path, {"op": "remove", "path": "nickName"}, {"op": "remove", "path": "nickName"})
    assert (twice.status, twice.body["scimType"]) == (400, "noTarget")
    assert client.send("GET", path).body == user
    assert "nickName" not in op(client, path, "remove", "nickName").body
    assert "emails" not in op(client, path, "remove", 'emails[type eq "work"]').body
    place = f"/Groups/{group(client, 'G', user)['id']}"
    assert op(client, place, "remove", f'members[value eq "{user["id"]}"]').status == 204
    assert op(client, place, "remove", f'members[value eq "{user["id"]}"]').body["scimType"] == "noTarget"


def circle_409(client: Client) -> None:
    """At least one of the two, and nothing holds a text for an id."""
    circle = [post(a, members=[{"value": f"bulkId:{b}"}]) for a, b in ("ab", "ba")]
    results = jobs(client, *circle)["Operations"]
    assert [result["status"] for result in results] == ["409", "409"]
    assert found(client, "", "Groups") == []
    later = jobs(client, post("a", members=[{"value": "bulkId:b"}]), post("b"))["Operations"]
    assert [result["status"] for result in later] == ["201", "201"]


def bulk_status_object(client: Client) -> None:
    """An object with the code."""
    results = jobs(client, post("a"), {"method": "DELETE", "path": "/Users/nobody"})["Operations"]
    assert [result["status"] for result in results] == [{"code": "201"}, {"code": "404"}]


def bulk_results_reordered(client: Client) -> None:
    """The last operation's comes first."""
    results = jobs(client, post("a"), post("b"))["Operations"]
    assert [result["bulkId"] for result in results] == ["b", "a"]


def me_308(client: Client) -> None:
    """The Location leads to a user."""
    for method in ("GET", "PATCH"):
        answer = client.send(method, "/Me")
        assert (answer.status, answer.raw) == (308, b"")
    path = answer.headers["Location"].removeprefix(BASE)
    assert client.send("GET", path).body["meta"]["location"] == f"{BASE}{path}"


def me(status: int) -> Check:
    """The status is this one, with an Error."""

    def check(client: Client) -> None:
        answer = client.send("GET", "/Me")
        assert (answer.status, answer.body["status"]) == (status, str(status))

    return check


def walk(client: Client, query: str) -> list[JSON]:
    """All pages by cursor."""
    pages = [client.send("GET", f"/Users?cursor&{query}").body]
    while "nextCursor" in pages[-1]:
        pages.append(client.send("GET", f"/Users?cursor={pages[-1]['nextCursor']}&{query}").body)
    return pages


def cursor_only(client: Client) -> None:
    """Cursors are the default, nothing is counted, startIndex beyond the first page is refused."""
    for name in "abc":
        make(client, name)
    said = config(client)["pagination"]
    assert (said["cursor"], said["index"], said["defaultPaginationMethod"]) == (True, False, "cursor")
    pages = walk(client, "count=2")
    assert [user["userName"] for page in pages for user in page["Resources"]] == ["a", "b", "c"]
    plain = client.send("GET", "/Users?count=2").body
    search = client.send("POST", "/.search", {"schemas": [SEARCH], "startIndex": 1, "count": 2}).body
    first = client.send("GET", "/Users?startIndex=1&count=2").body
    for body in (*pages, plain, search, first):
        assert not {"totalResults", "startIndex"} & body.keys()
    assert "nextCursor" in plain.keys() & search.keys() & first.keys()
    assert client.send("GET", "/Users?startIndex=2&count=2").status == 501
    assert client.send("GET", "/Schemas").body["totalResults"] > 3


def both_methods(client: Client) -> None:
    """Index by default, cursors when asked for."""
    for name in "abc":
        make(client, name)
    said = config(client)["pagination"]
    assert (said["cursor"], said["index"], said["defaultPaginationMethod"]) == (True, True, "index")
    assert len(walk(client, "count=2")) == 2
    assert client.send("GET", "/Users?count=2").body["startIndex"] == 1


def cursor_with_empty_pages(client: Client) -> None:
    """An empty page between two; together they show everything once."""
    for name in "abcd":
        make(client, name)
    pages = walk(client, "count=2&sortBy=userName")
    assert [len(page["Resources"]) for page in pages] == [2, 0, 2]
    assert [user["userName"] for page in pages for user in page["Resources"]] == ["a", "b", "c", "d"]
    assert "previousCursor" in pages[2]


def discovery_open(client: Client) -> None:
    """Without credentials, but the resources are not."""
    for path in ("/ServiceProviderConfig", "/Schemas", f"/Schemas/{USER}", "/ResourceTypes"):
        assert client.send("GET", path, token=None).status == 200
    assert client.send("GET", "/Users", token=None).status == 401


def discovery_closed(client: Client) -> None:
    """401 without credentials."""
    for path in ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes"):
        assert client.send("GET", path, token=None).status == 401
        assert client.send("GET", path).status == 200


def spc_without_meta(client: Client) -> None:
    """The rest is there."""
    said = config(client)
    assert "meta" not in said
    assert said["patch"] == {"supported": True}


def schemas_without_defaults(client: Client) -> None:
    """Only what differs from RFC 7643 section 2.2 is said."""
    name, title = attribute(client, USER, "userName"), attribute(client, USER, "title")
    assert name
    assert title
    assert (name["required"], name["uniqueness"]) == (True, "server")
    assert title.keys() <= {"name", "type", "multiValued", "description"}
    for schema in client.send("GET", "/Schemas").body["Resources"]:
        assert client.send("GET", f"/Schemas/{schema['id']}").body == schema


def delete_forbidden_type(client: Client) -> None:
    """There is one, which can be changed."""
    [room] = found(client, "", "Rooms")
    path = f"/Rooms/{room['id']}"
    assert client.send("POST", "/Rooms", {"schemas": [ROOM_URN], "name": "R"}).status == 403
    refused = client.send("DELETE", path)
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, PUT, PATCH")
    assert op(client, path, "replace", "floor", 3).status == 204
    assert client.send("GET", path).body["floor"] == 3


def mixed_case_scheme(client: Client) -> None:
    """bearer, and tokens for values."""
    challenges = [
        client.send("GET", "/Users", token=token).headers["WWW-Authenticate"] for token in (None, "wrong")
    ]
    assert challenges == ["bearer realm=scimproof", "bearer realm=scimproof, error=invalid_token"]


def strangers(client: Client) -> None:
    """Many are there, and some are malformed; whoever is new is right."""
    user = make(client, "new")
    assert client.send("GET", "/Users?count=0").body["totalResults"] == 501
    assert client.send("GET", "/Groups?count=0").body["totalResults"] == 50
    assert found(client, "filter=" + quote('userName eq "new"')) == [user]
    everybody = found(client, "count=1000")
    bent = [each for each in everybody if not isinstance(each.get("emails") or [], list)]
    bent += [each for each in everybody if "schemas" not in each or not isinstance(each.get("userName"), str)]
    assert len(bent) > 10
    assert len(everybody) == 501


def slow_index(client: Client) -> None:
    """At once by its id, a moment later by a search."""
    user = make(client)
    queries = ("", "filter=" + quote('userName eq "jane"'))
    assert client.send("GET", f"/Users/{user['id']}").status == 200
    assert [found(client, query) for query in queries] == [[], []]
    time.sleep(0.35)
    assert [found(client, query) for query in queries] == [[user], [user]]


CHECKS: dict[str, Check] = {
    "minimal": minimal,
    "users-only": users_only,
    "patch-204": patch_204,
    "weak-etags": tags(r'W/"[0-9a-f]+"'),
    "strong-etags": tags(r'"v\d+"'),
    "no-etags": no_etags,
    "version-without-header": version_without_header,
    "members-on-request": members_on_request,
    "no-groups-of-users": no_groups_of_users,
    "username-lower-cased": username_lower_cased,
    "email-domain-lower-cased": email_domain_lower_cased,
    "phone-canonical": phone_canonical,
    "defaults": defaults,
    "formatted-made": formatted_made,
    "first-email-primary": first_email_primary,
    "null-placeholders": null_placeholders,
    "relative-locations": relative_locations,
    "behind-proxy": behind_proxy,
    "own-maximum": own_maximum,
    "quoted-charset": quoted_charset,
    "extra-members": extra_members,
    "endpoint-without-slash": endpoint_without_slash,
    "ids-numeric-text": ids(r"\d+"),
    "ids-with-colons": ids(r"a:\d+"),
    "group-names-repeat": group_names_repeat,
    "shorthand-emails": shorthand_emails,
    "value-paths-declined": value_paths_declined,
    "co-declined": refuses(
        "invalidFilter",
        ("GET", "/Users?filter=" + quote('userName co "a" and title pr'), None),
        ("GET", "/Users?filter=" + quote('emails[value co "a"]'), None),
        ("POST", "/Users/.search", {"schemas": [SEARCH], "filter": 'not (userName co "a")'}),
    ),
    "sort-by-emails-declined": refuses(
        "invalidPath",
        ("GET", "/Users?sortBy=emails", None),
        ("POST", "/Users/.search", {"schemas": [SEARCH], "sortBy": "emails.value"}),
    ),
    "no-match-noTarget": no_match_no_target,
    "circle-409": circle_409,
    "bulk-status-object": bulk_status_object,
    "bulk-results-reordered": bulk_results_reordered,
    "me-308": me_308,
    "me-501": me(501),
    "me-404": me(404),
    "cursor-only": cursor_only,
    "both-methods": both_methods,
    "cursor-with-empty-pages": cursor_with_empty_pages,
    "discovery-open": discovery_open,
    "discovery-closed": discovery_closed,
    "spc-without-meta": spc_without_meta,
    "schemas-without-defaults": schemas_without_defaults,
    "delete-forbidden-type": delete_forbidden_type,
    "mixed-case-scheme": mixed_case_scheme,
    "strangers": strangers,
    "slow-index": slow_index,
}


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_does_what_it_says(name: str) -> None:
    """Each by a check of its own."""
    CHECKS[name](Client(build(variants=[name])))


@pytest.mark.parametrize("name", sorted(VARIANTS))
def test_is_right_in_all_else(name: str) -> None:
    """A user is made, read, replaced and deleted; refusals are Errors; nothing is a server error."""
    client = Client(build(variants=[name]))
    user = make(client, "somebody@example.org")
    path = f"/Users/{user['id']}"
    assert client.send("GET", path).body == user
    assert client.send("PUT", path, user).body == user
    taken = client.send("POST", "/Users", {"schemas": [USER], "userName": "SOMEBODY@example.org"})
    assert (taken.status, taken.body["scimType"]) == (409, "uniqueness")
    assert client.send("POST", "/Users", {"schemas": [USER], "userName": ""}).status == 400
    client.send("GET", "/Users?count=2&filter=userName%20pr")
    op(client, path, "add", "userName", "other")
    for endpoint in ("/ServiceProviderConfig", "/Schemas", "/ResourceTypes"):
        assert client.send("GET", endpoint).status == 200
    assert client.send("DELETE", path).status == 204
    assert client.send("GET", path).status == 404
    assert client.send("GET", "/Users", token="wrong").status == 401
    for answer in client.answers:
        assert answer.status < 500 or answer.status == 501
        if answer.status >= 400:
            assert answer.body["schemas"] == [f"{MESSAGES}Error"]
            assert answer.body["status"] == str(answer.status)


def test_they_go_together() -> None:
    """Several switches of one target; an unknown one is named."""
    client = Client(build(variants=["ids-numeric-text", "strong-etags", "patch-204", "null-placeholders"]))
    user = make(client)
    assert re.fullmatch(r"\d+", user["id"])
    assert user["meta"]["version"].startswith('"')
    assert op(client, f"/Users/{user['id']}", "add", "title", "T").status == 204
    with pytest.raises(KeyError, match="no-such"):
        build(variants=["no-such"])


def test_every_variant_is_filed_once() -> None:
    """Names are literal, every one has a check and a sentence; the command line knows them."""
    assert CHECKS.keys() == VARIANTS.keys()
    kind = PRODUCTS["scim2-server"]
    assert kind.variants().keys() == VARIANTS.keys()
    for name, variant in VARIANTS.items():
        assert name == variant.name
        assert variant.summary.endswith(".")
        assert len(variant.warns) == len(set(variant.warns))
    with pytest.raises(ValueError, match="no variants"):
        PRODUCTS["bitwarden"].build("secret-token", (), 0.0, {}, ("minimal",))
