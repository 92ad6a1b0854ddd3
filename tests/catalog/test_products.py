"""A product is a file: recognised, explained and hinted at without a line of the engine."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.catalog.products import hints, products, warnings
from scimproof.core.errors import CannotTell
from scimproof.core.http_message import Exchange, Request
from scimproof.report.waivers import deviations
from scimproof.target.preflight import _judge
from scimproof.target.target import Target
from tests.bitwarden.playing import BASE
from tests.engine.kit import play, recording, scimproof

ROOT = Path(__file__).resolve().parents[2]
GUID = "5f0d3a86-7c41-4c19-9b52-1d8e60c4a7f3"
ACME = """
title = "Acme"

[recognize]
path = '/scim/v2'
keys = ["userName"]

[[hint]]
status = [401]
says = ["Acme's keys end after a day."]

[[deviation]]
name = "ACME-1"
ids = ["okta-family-name-kept"]
observed = "absent"
reason = "Acme knows no last names."
source = "Acme's manual"
"""
PROFILE = """
title = "Okta into Acme"
sequences = ["okta.oin.user.create"]
gates = ["okta"]
deviations = "acme"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The knowledge folders, with a product more."""
    for name in ("suites", "fixtures"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "suites/deviations/acme.toml").write_text(ACME, encoding="utf-8")
    (tmp_path / "suites/profiles/acme.toml").write_text(PROFILE, encoding="utf-8")
    return tmp_path


def run(root: Path, profile: str) -> dict[str, Any]:
    from scimproof.embedded.app import build  # noqa: PLC0415

    with recording(build(token="secret-token", faults=("create-family-name-missing",))) as target:
        _, document = play(target.url, "okta.oin.user.create", profile=profile, root=root)
    return document


def test_another_product_needs_no_engine(root: Path) -> None:
    document = run(root, "okta")
    assert document["product"] == {
        "id": "acme",
        "title": "Acme",
        "because": "the path /scim/v2, and users with userName",
        "profile": "acme",
        "deviations": {"ACME-1": {"reason": "Acme knows no last names.", "source": "Acme's manual"}},
    }
    assert {f["known"] for f in document["findings"] if f["requirement"] == "okta-family-name-kept"} == {
        "ACME-1"
    }
    assert {w["name"]: w["state"] for w in run(root, "acme")["waivers"]} == {"ACME-1": "used"}
    acme = next(product for product in products(root) if product.id == "acme")
    assert list(acme.hints_for("https://host/scim/v2", 401)) == ["Acme's keys end after a day."]
    assert [waiver.name for waiver in deviations("acme", load_catalog(root))] == ["ACME-1"]


def test_bitwarden_is_recognised_by_its_host_or_by_path_and_keys() -> None:
    bitwarden = next(product for product in products(ROOT) if product.id == "bitwarden")
    user = {"userName": "a", "primaryEmail": "a", "workEmail": "a"}
    assert bitwarden.recognised("https://scim.bitwarden.com/v2/x", []) == "the host scim.bitwarden.com"
    assert bitwarden.recognised(BASE, [None, {"resources": [user]}]).startswith("the path /v2/")
    assert bitwarden.recognised(BASE, [{"userName": "a"}]) == ""
    assert bitwarden.recognised("https://host/scim/v2", [user]) == ""
    assert bitwarden.recognised("https://scim.bitwarden.com.evil.example/v2/x", [user]) == ""


@pytest.mark.parametrize(
    ("url", "status", "words"),
    [
        (BASE, 401, ("not switched on", "plan", "organization in the URL", "rotated", "Directory Connector")),
        ("https://scim.bitwarden.com/scim/v2/x", 404, ("begins with /v2, not with /scim",)),
        (BASE, 404, ("below /scim: https://{domain}/scim/v2/{GUID}",)),
        ("https://host/scim/v2", 401, ()),
        (
            f"https://scim.bitwarden.com/v2/organizations/{GUID}",
            404,
            (f"https://scim.bitwarden.com/v2/{GUID}.",),
        ),
        (
            f"https://scim.bitwarden.eu/v2/organizations/{GUID}",
            404,
            (f"https://scim.bitwarden.eu/v2/{GUID}.",),
        ),
        ("https://scim.bitwarden.com/v2", 404, ("GUID is missing: https://scim.bitwarden.com/v2/{GUID}.",)),
        ("https://scim.bitwarden.eu", 404, ("GUID is missing: https://scim.bitwarden.eu/v2/{GUID}.",)),
        ("https://scim.bitwarden.eu/scim/v2", 404, ("not with /scim: https://scim.bitwarden.eu/v2/{GUID}.",)),
        (
            f"https://scim.bitwarden.eu/v2/{GUID}",
            401,
            ("vault.bitwarden.eu", "vault.bitwarden.com", "30 char"),
        ),
        (f"https://vault.bitwarden.eu/scim/v2/{GUID}", 200, ("https://scim.bitwarden.eu/v2/{GUID}.",)),
        ("https://api.bitwarden.com/v2", 404, ("https://scim.bitwarden.com/v2/{GUID}.",)),
        (f"https://vault.acme.example/v2/organizations/{GUID}", 404, (f"acme.example/scim/v2/{GUID}.",)),
        (f"https://vault.acme.example/scim/v2/organizations/{GUID}", 404, (f"example/scim/v2/{GUID}.",)),
        (f"https://vault.acme.example/scim/v2/{GUID}", 404, ("enable_scim: true", "rebuil", "scim: true")),
        ("https://vault.acme.example/v2", 404, ()),
        ("https://vault.acme.example/scim/v2", 404, ()),
    ],
)
def test_row_1_3_doctor_knows_what_an_answer_may_mean(url: str, status: int, words: tuple[str, ...]) -> None:
    bitwarden = next(product for product in products(ROOT) if product.id == "bitwarden")
    said = " ".join(bitwarden.hints_for(url, status))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)
    first = next(bitwarden.hints_for(url, status), "")
    assert status == 401 or (words[0] if words else "") in first, (
        "what is said first is said where it went wrong"
    )


def answered(status: int) -> Exchange:
    return Exchange(1, Request("GET", "/", ()), status=status, reason="x", headers=(("Server", "x"),))


@pytest.mark.parametrize(
    ("url", "status", "product", "words"),
    [
        (f"https://scim.bitwarden.com/v2/organizations/{GUID}", 404, "", f"scim.bitwarden.com/v2/{GUID}."),
        ("https://scim.bitwarden.eu/v2", 404, "", "https://scim.bitwarden.eu/v2/{GUID}."),
        ("https://vault.acme.example", 404, "bitwarden", "https://vault.acme.example/scim/v2/{GUID}."),
        ("https://vault.acme.example", 404, "", "most servers have it at https://vault.acme.example/scim/v2"),
        (f"https://vault.acme.example/scim/v2/{GUID}", 404, "", "enable_scim: true"),
        (f"https://scim.bitwarden.com/v2/{GUID}/Users", 404, "", "--target ends before /Users"),
    ],
)
def test_row_1_6_a_base_url_as_people_type_it_is_told_where_it_goes_wrong(
    url: str, status: int, product: str, words: str
) -> None:
    with pytest.raises(CannotTell) as refused:
        _judge(Target(url), answered(status), lambda seen: hints(ROOT, url, seen, product), usable=True)
    assert words in str(refused.value)
    assert ("most servers" in str(refused.value)) == words.startswith("most servers")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (f"https://scim.bitwarden.com/v2/{GUID}", ("42 people", "sells seats", "Set a seat limit first")),
        (f"https://scim.bitwarden.eu/v2/{GUID}", ("42 people",)),
        (f"https://vault.acme.example/scim/v2/{GUID}", ("42 people", "enable_scim: true", "adds no seats")),
        ("https://vault.acme.example/scim/v2", ()),
        (BASE, ()),
    ],
)
def test_row_1_2_what_it_costs_is_said_before(url: str, words: tuple[str, ...]) -> None:
    said = " ".join(warnings(ROOT, url, "", 42))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)


def test_row_1_2_a_path_that_others_may_have_too_is_told_as_a_guess() -> None:
    url = f"https://vault.acme.example/scim/v2/{GUID}"
    assert all(told.startswith("The URL looks like Bitwarden's: ") for told in warnings(ROOT, url, "", 42))
    assert all(told.startswith("A self-hosted Bitwarden") for told in warnings(ROOT, url, "bitwarden", 42))


@pytest.mark.parametrize("command", ["run", "load"])
def test_row_1_2_seats_stand_in_the_question_before_anything_is_sent(tmp_path: Path, command: str) -> None:
    plan = ["smoke"] if command == "load" else []
    url = f"https://scim.bitwarden.com/v2/{GUID}"
    ran = scimproof(tmp_path, command, *plan, "--profile", "bitwarden", "--target", url)
    assert ran.returncode == 2
    assert "nothing was sent" in ran.stderr
    assert "Bitwarden's cloud sells seats" in ran.stderr
    assert re.search(r"the about [1-9][0-9,]* people", ran.stderr)
