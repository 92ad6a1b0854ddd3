from __future__ import annotations

import random
import re
from collections.abc import Mapping

import pytest

from scimproof.catalog.app import AppSettings
from scimproof.catalog.own_app import with_app
from scimproof.catalog.request_template import BLANK, Template
from scimproof.load.workload.compiled_request import CompiledRequest
from tests.matrix.inprocess import catalog

# What follows from an RFC, or is sent to any endpoint, is no load of anybody.
TEMPLATES = {
    name: template
    for name, template in catalog().templates.items()
    if template.grade != "N" and "endpoint" not in template.blanks
}
RUN = {
    "base": "/scim/v2",
    "parent": "/scim",
    "host": "target.example.com:8443",
    "prefix": "scimproof-0a1b2c3d",
}
ALPHABET = "aZ09._~-@+&=/?#%'\"\\ \t\n\x00\x1f\x7fÄß山🙂\u2028{}<>,:"


def names(template: Template) -> set[str]:
    return set(template.blanks) - {"authorization", "content-length"}


def values(template: Template, seed: int) -> dict[str, str]:
    rng = random.Random(seed)
    return {
        name: "".join(rng.choices(ALPHABET, k=rng.randrange(20))) for name in sorted(names(template))
    } | RUN


def body_rules(seed: int) -> Mapping[str, object]:
    return {
        "id": f"id-{seed}",
        "displayName": 'Ärger "in" C:\\ 🙂',
        "members": [{"value": "1"}],
        "n": 1.5,
        "b": True,
    }


def test_every_file_is_filled_byte_for_byte_as_the_certified_run_fills_it() -> None:
    for name, template in TEMPLATES.items():
        compiled = CompiledRequest(template, RUN)
        for seed in range(25):
            blanks = values(template, seed)
            rules = {rule: lambda seed=seed: body_rules(seed) for rule in template.rules}
            secret = f"Bearer token-{seed // 10}"
            expected = template.fill({**blanks, "authorization": secret}, rules)
            filled = compiled.fill(blanks, secret, rules)
            assert filled.wire == expected.wire(), name
            assert (filled.target, filled.body) == (expected.target, expected.body), name
            assert compiled.request(filled) == expected, name


def test_constants_may_be_known_beforehand() -> None:
    for name, template in TEMPLATES.items():
        blanks = values(template, 3)
        rules = {rule: lambda: body_rules(3) for rule in template.rules}
        expected = template.fill({**blanks, "authorization": "x"}, rules)
        assert CompiledRequest(template, blanks).fill({}, "x", rules).wire == expected.wire(), name


def test_without_credentials_both_leave_the_header_out() -> None:
    template = TEMPLATES["okta/both/users-test.http"]
    expected = template.fill({**RUN, "authorization": ""})
    compiled = CompiledRequest(template, RUN, headers=(("X-Tenant", "7"),))
    assert compiled.request(compiled.fill({}, "")) == expected  # which the extra headers are no part of
    assert b"uthorization" not in expected.wire()
    assert CompiledRequest(template, RUN).fill({}, "").wire == expected.wire()


def test_a_blank_without_value_is_named() -> None:
    compiled = CompiledRequest(TEMPLATES["okta/both/user-get.http"], RUN)
    with pytest.raises(KeyError, match=re.escape("user.id")):
        compiled.fill({}, "Bearer t")


def test_somebody_else_may_play_a_role() -> None:
    template = TEMPLATES["okta/both/user-get.http"]
    compiled = CompiledRequest(template, RUN, lambda blank: blank.replace("user.", "other."))
    filled = compiled.fill({"user.id": "1", "other.id": "2"}, "Bearer t")
    assert filled.target == "/scim/v2/Users/2"


def test_extra_headers_come_last() -> None:
    compiled = CompiledRequest(TEMPLATES["okta/both/user-get.http"], RUN, headers=[("X-Tenant", "7")])
    head = compiled.fill({"user.id": "1"}, "Bearer t").wire
    assert head.endswith(b"\r\nX-Tenant: 7\r\n\r\n")


def test_a_header_asks_only_for_what_stays_the_same_during_a_run() -> None:
    for template in TEMPLATES.values():
        asked = {blank for _, value in template.headers for blank in BLANK.findall(value)}
        assert asked <= {"authorization", "content-length", "host"}


def test_the_creates_of_an_own_app_are_filled_as_the_certified_run_fills_them() -> None:
    settings = AppSettings(mappings={"title": "title", "urn:acme:2.0:User:floor": {"fixed": 3}})
    made = with_app(catalog(), catalog().senders["okta"], settings)
    template = made.templates["okta/both/user-create.http"]
    blanks = values(template, 3)
    expected = template.fill({**blanks, "authorization": "x"})
    assert b'"urn:acme:2.0:User":{"floor":3}' in expected.body
    assert CompiledRequest(template, RUN).fill(blanks, "x").wire == expected.wire()
