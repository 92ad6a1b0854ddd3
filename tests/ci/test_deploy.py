"""The files in deploy/ are what their readers take them for, and start the command as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml  # type: ignore[import-untyped]

from scimproof.cli.commands.load.load import command

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    return found


def objects() -> dict[str, dict[str, Any]]:
    found = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))
    return {f"{one['kind']}/{one['metadata']['name']}": one for one in found}


def commands() -> Iterator[list[str]]:
    for service in compose()["services"].values():
        yield service["command"].split()
    for name, one in objects().items():
        if name.startswith("Job/"):
            yield one["spec"]["template"]["spec"]["containers"][0]["args"]


@pytest.mark.parametrize("words", list(commands()), ids=lambda words: " ".join(words[1:3]))
def test_every_command_is_one(words: list[str]) -> None:
    assert words[0] == "load"
    context = click.Context(command)
    command.make_parser(context).parse_args(
        [word.replace("${", "{") for word in words[1:] if " " not in word]
    )


def test_compose_waits_for_as_many_workers_as_it_starts() -> None:
    services = compose()["services"]
    assert set(services) == {"master", "worker"}
    replicas = services["worker"]["deploy"]["replicas"]
    assert f"--expect-workers {replicas}" in services["master"]["command"]


def test_kubernetes_waits_for_as_many_workers_as_it_starts_and_finds_the_master() -> None:
    found = objects()
    assert set(found) == {"Service/scimproof-master", "Job/scimproof-master", "Job/scimproof-worker"}
    master, worker = (found[f"Job/scimproof-{name}"]["spec"] for name in ("master", "worker"))
    container = master["template"]["spec"]["containers"][0]
    assert worker["parallelism"] == worker["completions"]
    assert f"--expect-workers={worker['parallelism']}" in container["args"]
    service = found["Service/scimproof-master"]["spec"]
    assert service["selector"].items() <= master["template"]["metadata"]["labels"].items()
    assert service["ports"][0]["port"] == container["ports"][0]["containerPort"]
    for job in (master, worker):
        spec = job["template"]["spec"]
        mounted = {mount["name"] for mount in spec["containers"][0]["volumeMounts"]}
        assert mounted == {volume["name"] for volume in spec["volumes"]}


def test_no_secret_and_no_host_of_ours_is_in_them() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "secret-token" not in text
        hosts = set(re.findall(r"https?://([^/\s'\"}]+)", text))
        assert hosts <= {"scim.example.com", "git.example.com", "host"}
