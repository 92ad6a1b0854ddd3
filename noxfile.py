"""The tests on every Python that scimproof supports: `nox`, or one of them with `nox -s tests-3.12`."""

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False


@nox.session(python=["3.11", "3.12", "3.13"])
def tests(session: nox.Session) -> None:
    """The project's tests in an environment made from the lock."""
    session.install("--no-deps", "--require-hashes", "-r", "requirements/dev.lock")
    session.install("--no-deps", "--no-build-isolation", "-e", ".")
    session.run("python", "-m", "pip", "check", silent=True)
    session.run("pytest", "-n", "auto", "--dist", "loadgroup", *session.posargs)
