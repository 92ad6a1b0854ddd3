"""What is asked of a change, in environments made from the lock: `nox`, or one with `nox -s tests-3.12`."""

from __future__ import annotations

from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False  # tests are played on each Python that is found
nox.options.sessions = ["lint", "types", "tests", "docs", "build"]


def _locked(session: nox.Session) -> None:
    """Install what the lock names, and scimproof itself."""
    session.install("--no-deps", "--require-hashes", "-r", "requirements/dev.lock")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pip", "check", silent=True)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    _locked(session)
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", "--quiet", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict."""
    _locked(session)
    session.run("mypy")


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """The project's tests; `nox -s tests -- -m "not real"` plays what is for the night, too."""
    _locked(session)
    session.run("pytest", "-n", "auto", "--dist", "loadgroup", *session.posargs)


@nox.session(venv_backend="none")
def docs(session: nox.Session) -> None:
    """The documentation as a site, as `make docs` builds it."""
    session.run("make", "docs", external=True)


@nox.session
def build(session: nox.Session) -> None:
    """The source archive and the wheel, with the build tools of the lock."""
    _locked(session)
    out = Path(session.create_tmp()) / "dist"
    session.run("python", "-m", "build", "--no-isolation", "--outdir", str(out), *session.posargs)
