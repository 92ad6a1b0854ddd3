"""The command line starts fast: what only some commands need is imported by those commands."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.fresh

# Each of these costs a tenth of a second or more, or changes the process that imports it.
NOT_FOR_ALL = {
    "locust",
    "gevent",
    "geventhttpclient",
    "pytest",
    "scim2_server",
    "scim2_models",
    "pydantic",
    "jinja2",
    "jsonschema",
}


def test_importing_the_command_line_imports_nothing_heavy() -> None:
    script = "import scimproof.cli, sys; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert NOT_FOR_ALL & {name.split(".")[0] for name in ran.stdout.split()} == set()
