"""A product is a file: recognised, explained and hinted at without a line of the engine."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from scimproof.catalog import load_catalog
from scimproof.product import products
from scimproof.waivers import deviations
from tests.bitwarden.playing import BASE
from tests.engine.kit import play, recording

ROOT = Path(__file__).resolve().parents[2]
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
    ],
)
def test_doctor_knows_what_an_answer_may_mean(url: str, status: int, words: tuple[str, ...]) -> None:
    bitwarden = next(product for product in products(ROOT) if product.id == "bitwarden")
    said = " ".join(bitwarden.hints_for(url, status))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)
