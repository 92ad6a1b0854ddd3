"""Senders as data: dialects that share sequences."""

from __future__ import annotations

from pathlib import Path

import pytest

from scimproof.catalog.senders import read_senders
from scimproof.core.errors import CatalogError

SENDER = """\
name = "Acme"
profile = "acme"
[requests]
probe = "acme/probe.http"
create = "acme/create.http"
read = "acme/read.http"
[dialects."acme.cloud"]
short = "Cloud"
works = "works with Acme Cloud"
{cloud}
[dialects."acme.both"]
short = "both"
{both}
"""


def senders(folder: Path, cloud: str = "", both: str = "") -> Path:
    (folder / "acme").mkdir()
    (folder / "acme" / "sender.toml").write_text(SENDER.format(cloud=cloud, both=both), encoding="utf-8")
    return folder


def test_a_dialect_counts_the_sequences_of_another_with_its_own(tmp_path: Path) -> None:
    acme = read_senders(senders(tmp_path, 'with = ["acme.both"]'))["acme"]
    assert acme.dialects["acme.cloud"].counts == ("acme.both",)
    said = acme.json()["dialects"]
    assert said["acme.cloud"]["with"] == ["acme.both"]
    assert "with" not in said["acme.both"]


@pytest.mark.parametrize(
    ("cloud", "both", "said"),
    [
        ('with = ["acme.boht"]', "", "no dialect is called 'acme.boht'; did you mean 'acme.both'"),
        ('with = ["acme.both"]', 'with = ["acme.cloud"]', "'acme.both' counts others with it itself"),
        ('with = ["acme.cloud"]', "", "'acme.cloud' counts others with it itself"),
        ('wiht = ["acme.both"]', "", "wiht"),
        ('requests = { deactivat = "acme/off.http" }', "", "did you mean 'deactivate'"),
    ],
)
def test_what_cannot_be_counted_with_it_is_refused(tmp_path: Path, cloud: str, both: str, said: str) -> None:
    with pytest.raises(CatalogError, match=r"acme/sender\.toml") as refused:
        read_senders(senders(tmp_path, cloud, both))
    assert said in str(refused.value)


def test_a_dialect_has_canonical_requests_of_its_own(tmp_path: Path) -> None:
    own = 'with = ["acme.both"]\nrequests = { deactivate = "acme/off.http", read = "acme/get.http" }'
    acme = read_senders(senders(tmp_path, own))["acme"]
    assert acme.request("read") == acme.speaking(["acme.both"]).request("read") == "acme/read.http"
    cloud = acme.speaking(["acme.both", "acme.cloud"])
    assert (cloud.request("read"), cloud.request("probe")) == ("acme/get.http", "acme/probe.http")
    assert cloud.has("deactivate")
    assert not acme.has("deactivate")
    assert "requests" not in cloud.json()["dialects"]["acme.cloud"]
