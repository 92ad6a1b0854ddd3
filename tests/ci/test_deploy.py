"""The files in deploy/ are what their readers take them for, and start the command as it is."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]

from scimproof.cli.commands.load.load import command
from scimproof.core.auth_modes import BEARER, WORKER_SECRET
from scimproof.load.plan.job import PORT

SECRETS = (BEARER.secret, WORKER_SECRET)
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
    parts = {"Service/scimproof-master", "Job/scimproof-master", "Job/scimproof-worker"}
    assert set(found) == parts | {"NetworkPolicy/scimproof-master"}
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


def test_only_workers_reach_the_master() -> None:
    found = objects()
    policy = found["NetworkPolicy/scimproof-master"]["spec"]
    master, worker = (found[f"Job/scimproof-{name}"]["spec"]["template"] for name in ("master", "worker"))
    assert policy["podSelector"]["matchLabels"] == master["metadata"]["labels"]
    (rule,) = policy["ingress"]
    assert [one["podSelector"]["matchLabels"] for one in rule["from"]] == [worker["metadata"]["labels"]]
    (port,) = master["spec"]["containers"][0]["ports"]
    assert [one["port"] for one in rule["ports"]] == [port["containerPort"]] == [PORT]


def test_both_sides_are_given_the_same_secrets_by_variable() -> None:
    for service in compose()["services"].values():
        assert {name: service["environment"][name][:2] for name in SECRETS} == dict.fromkeys(SECRETS, "${")
    for name in ("master", "worker"):
        (container,) = objects()[f"Job/scimproof-{name}"]["spec"]["template"]["spec"]["containers"]
        given = {one["name"]: one.get("valueFrom", {}).get("secretKeyRef") for one in container["env"]}
        assert [given[secret]["key"] for secret in SECRETS] == ["token", "worker-secret"]


def test_they_are_what_the_schemas_of_compose_and_kubernetes_say() -> None:
    words = ["--builtin-schema", "vendor.compose-spec", str(DEPLOY / "compose.yaml")]
    command = [sys.executable, "-m", "check_jsonschema", *words]
    checked = subprocess.run(command, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    for one in objects().values():
        kubernetes_validate.validate(one, "1.37", strict=True)


@pytest.mark.parametrize("spoilt", ["spec", "template"])
def test_a_key_that_kubernetes_does_not_know_is_noticed(spoilt: str) -> None:
    job = objects()["Job/scimproof-master"]
    place = job["spec"] if spoilt == "spec" else job["spec"]["template"]["spec"]
    place["restartPolcy"] = "Never"
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(job, "1.37", strict=True)


def test_no_secret_and_no_host_of_ours_is_in_them() -> None:
    files = [path for path in DEPLOY.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert "secret-token" not in text
        hosts = set(re.findall(r"https?://([^/\s'\"}]+)", text))
        assert hosts <= {"scim.example.com", "git.example.com", "host"}
