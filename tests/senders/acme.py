# ruff: noqa: E501 - files of somebody else's, as they are written
"""A made-up identity provider as files: what somebody adds who adds one for real."""

from __future__ import annotations

from pathlib import Path

HEAD = """\
# operation: {operation}
# grade: A
# source: Acme's manual, page 1
# date: 2026-11-01
# shows: {shows}

{request} HTTP/1.1
Authorization: {{{{authorization}}}}
Host: {{{{host}}}}
"""
BODY = """\
Content-Type: application/json
Content-Length: {{content-length}}

"""
USER = (
    '{"externalId":"{{user.externalId}}","userName":"{{user.userName}}","active":"True",'
    '"displayName":"{{user.displayName}}",'
    '"emails":[{"primary":true,"type":"work","value":"{{user.email}}"}],'
    '"name":{"givenName":"{{user.givenName}}","familyName":"{{user.familyName}}"},'
    '"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}'
)
ACTIVE = (
    '{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],'
    '"Operations":[{"op":"Replace","path":"active","value":"%s"}]}'
)
FIND = 'GET {{base}}/Users?filter=userName eq "{{user.userName}}"'.replace(" eq ", "+eq+").replace('"', "%22")
REQUESTS = {
    "probe": ("ACME-01", "Test the connection", "GET {{base}}/Users?count=1", ""),
    "create": ("ACME-02", "Create a user", "POST {{base}}/Users", USER),
    "read": ("ACME-03", "Read a user", "GET {{base}}/Users/{{user.id}}", ""),
    "find": ("ACME-04", "Find a user", FIND, ""),
    "find-name": ("ACME-04", "Find by name", "GET {{base}}/Users?filter=displayName+eq+%22{{user.displayName}}%22", ""),
    "disable": ("ACME-05", "Disable a user", "PATCH {{base}}/Users/{{user.id}}", ACTIVE % "False"),
    "enable": ("ACME-06", "Enable a user", "PATCH {{base}}/Users/{{user.id}}", ACTIVE % "True"),
}  # fmt: skip
SENDER = """\
name = "Acme Identity"
profile = "acme"
timeout = 20
headers = ["content-type"]

[requests]
probe = "acme/probe.http"
create = "acme/create.http"
read = "acme/read.http"
deactivate = "acme/disable.http"
reactivate = "acme/enable.http"

[deprovision]
requests = ["acme/disable.http"]

[query]
values = "form"
base = "carry"

[identities]
external_id = "########-####-4###-8###-############"
plus = "+acme"

[load]
mix = "acme.cloud.user.create=1"

[words]
administrator = "an Acme Identity administrator"
place = "in Acme Identity"
sources = "Pages are those of Acme's manual."

[words.authorities]
acme = "What Acme Identity relies on"

[dialects."acme.cloud"]
short = "Cloud"
about = "as an Acme Cloud app"
works = "works with Acme Cloud"
fails = "does not work with Acme Cloud"
"""
SHOWN = """\
[shown]
log = "Job log"
error = "Acme job failed: {reason} {detail}"
not_json = "no JSON"

[shown.then]
again = "Acme sends it again. That is after an hour."
stops = "The job stops."

[[shown.answer]]
status = ["2xx"]
text = "done"

[[shown.answer]]
status = ["4xx", "none"]
code = "ACME-E4"
text = "{answer}"
then = ["stops"]

[[shown.answer]]
name = "unread"
code = "ACME-E9"
text = "cannot read {body} of {method} {url}"
"""
OPERATIONS = SHOWN + "".join(
    f'[{id}]\ntitle = "{title}"\n'
    for id, title in {
        "ACME-01": "Test the connection",
        "ACME-02": "Create a user",
        "ACME-03": "Read a user",
        "ACME-04": "Find a user",
        "ACME-05": "Disable a user",
        "ACME-06": "Enable a user",
    }.items()
)
REQUIREMENTS = """\
authority = "acme"

[acme-connects]
level = "MUST"
statement = "The connection test is answered 200."
broken = "The connection test is not answered 200."
source = "ACME-01"
admin = "The job cannot be started."

[acme-created]
level = "MUST"
statement = "A create is answered 201 with an id."
broken = "A create is not answered 201 with an id."
source = "ACME-02"
admin = "The person is listed as failed."

[acme-readable]
level = "MUST"
statement = "Who was created can be read."
broken = "Who was created cannot be read."
source = "ACME-03"
admin = "The person is created again in each cycle."

[acme-found]
level = "MUST"
statement = "A search finds exactly the one asked for."
broken = "A search does not find exactly the one asked for."
source = "ACME-04"
admin = "The person is created twice."
log = "unread"

[acme-disabled]
level = "MUST"
statement = "Who was disabled is shown as inactive."
broken = "Who was disabled is still shown as active."
source = "ACME-05"
admin = "Somebody who left keeps access."
then = ["again"]

[acme-changed]
level = "MUST"
statement = "A change of active is answered with success."
broken = "A change of active is not answered with success."
source = "ACME-05, ACME-06"
admin = "The change is tried again in each cycle."

[acme-enabled]
level = "MUST"
statement = "Who was enabled is shown as active."
broken = "Who was enabled is not shown as active."
source = "ACME-06"
admin = "Somebody who came back cannot work."
"""
SUITE = '''\
"""What Acme Identity sends."""

from scimproof.checks import answers, finds_one, is_text, value_is
from scimproof.core.definitions import Check, Sequence, Step


def create(given: bool = False) -> Step:
    return Step(
        id="create", request="acme/create.http", given=given, creates="user",
        checks=(Check("acme-created", is_text("id"), gate=True),),
    )


def change(id: str) -> Step:
    return Step(id=id, request=f"acme/{id}.http", checks=(Check("acme-changed", answers(200, 204)),))


def read(id: str, requirement: str, active: bool) -> Step:
    return Step(id=id, request="acme/read.http", checks=(Check(requirement, value_is("active", value=active)),))


SEQUENCES = (
    Sequence(
        id="acme.cloud.connect", title="Test the connection", source="ACME-01",
        steps=(Step(id="probe", request="acme/probe.http", checks=(Check("acme-connects", answers(200)),)),),
    ),
    Sequence(
        id="acme.cloud.user.create", title="Create a user", source="ACME-02", people={"user": "plus"},
        steps=(
            create(),
            Step(id="read", request="acme/read.http", checks=(Check("acme-readable", answers(200)),)),
            Step(id="find", request="acme/find.http", checks=(Check("acme-found", finds_one("userName", "user.userName")),)),
            Step(id="find-name", request="acme/find-name.http", checks=(Check("acme-found", answers(200)),)),
        ),
    ),
    Sequence(
        id="acme.cloud.user.disable", title="Disable and enable a user", source="ACME-05",
        people={"user": "plain"},
        steps=(
            create(given=True),
            change("disable"),
            read("shown-disabled", "acme-disabled", active=False),
            change("enable"),
            read("shown-enabled", "acme-enabled", active=True),
        ),
    ),
)
'''
PROFILE = """\
title = "Acme Identity provisioning"
about = "All that Acme Identity sends."
sequences = ["acme"]
gates = ["acme"]
watches = ["rfc7643.answers", "rfc7644.answers"]
"""
PLAN = """\
# Does offboarding stay quick?
question = "Does offboarding stay quick?"
rate = 5
seconds = 4
prefill = 12
races = true
full_check_every = 5
max_schedule_lag_ms = 100000  # a busy machine decides nothing here

[mix]
"acme.cloud.user.create" = 1
"acme.cloud.user.disable" = 2

[thresholds]
"*" = { errors = 0 }
time-to-deprovision = { p95_ms = 60000 }
"""


def add(root: Path) -> None:
    """Write the provider's files below `root`, which has the four knowledge folders."""
    fixtures, suite = root / "fixtures/acme", root / "suites/acme"
    fixtures.mkdir()
    suite.mkdir()
    for name, (operation, shows, request, body) in REQUESTS.items():
        text = HEAD.format(operation=operation, shows=shows, request=request)
        (fixtures / f"{name}.http").write_text(text + (BODY + body if body else "") + "\n", encoding="utf-8")
    (suite / "sender.toml").write_text(SENDER, encoding="utf-8")
    (suite / "operations.toml").write_text(OPERATIONS, encoding="utf-8")
    (suite / "users.py").write_text(SUITE, encoding="utf-8")
    (root / "suites/requirements/acme.toml").write_text(REQUIREMENTS, encoding="utf-8")
    (root / "suites/profiles/acme.toml").write_text(PROFILE, encoding="utf-8")
    (root / "load/plans/offboarding.toml").write_text(PLAN, encoding="utf-8")
