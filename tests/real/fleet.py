"""Installs and starts the third-party servers: pinned, on loopback, each start with an empty store."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

HERE = Path(__file__).resolve().parent / "servers"
CACHE = HERE.parents[2] / ".cache" / "real"
TOKEN = "secret-token"


@dataclass(frozen=True)
class Server:
    """A third-party server: what is started, and where its SCIM API begins.

    `prepare` and `command` are argument lists in which `{bin}` is the folder of its environment's programs,
    `{port}` the port and `{token}` the token. `app` names the folder of servers/ with its application files,
    `told` is what `scimproof run` is told of it besides.
    """

    name: str
    version: str
    about: str
    base: str
    command: tuple[str, ...]
    prepare: tuple[tuple[str, ...], ...] = ()
    app: str = ""
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Running:
    """A server that answers: its process and the base URL that scimproof gets."""

    server: Server
    url: str
    pid: int


DJANGO = ("{bin}/waitress-serve", "--listen", "127.0.0.1:{port}", "--threads", "4", "fleetproj:application")
MIGRATE = ("{bin}/python", "manage.py", "migrate", "-v0")
MAKE_MIGRATIONS = ("{bin}/python", "manage.py", "makemigrations", "-v0", "fleetapp")
FLEET = {
    server.name: server
    for server in (
        Server(
            name="scim2-server",
            version="0.8.3",
            about="Python, wsgiref: HTTP/1.0, so every answer closes its connection; in memory",
            base="/v2",
            command=("{bin}/scim2-server", "--port", "{port}", "--bearer-token", "{token}"),
            app="scim2-server",
        ),
        Server(
            name="scimmy-routers",
            version="1.3.2",
            about="Node, scimmy 1.3.5 on Express 4.21.2; in memory",
            base="/scim",
            command=("node", "app.mjs"),
            app="scimmy-routers",
        ),
        Server(
            name="scimmy-routers-express5",
            version="1.3.2",
            about="Node, scimmy 1.3.5 on Express 5.3.0, which loses its paging parameters; in memory",
            base="/scim",
            command=("node", "app.mjs"),
            app="scimmy-routers",
        ),
        Server(
            name="django-scim2",
            version="0.23.0",
            about="Python, Django 5.2 on waitress; SQLite",
            base="/scim/v2",
            command=DJANGO,
            prepare=(MAKE_MIGRATIONS, MIGRATE),
            app="django-scim2",
        ),
        Server(
            name="django-scim2-server",
            version="1.1.0",
            about="Python, Django 5.2 on waitress; SQLite",
            base="/scim/v2",
            command=DJANGO,
            prepare=(MIGRATE,),
            app="django-scim2-server",
        ),
        Server(
            name="mitol-django-scim",
            version="2026.10.9",
            about="Python, Django 5.2 on waitress; users only, DELETE deactivates; SQLite",
            base="/scim/v2",
            command=DJANGO,
            prepare=(MAKE_MIGRATIONS, MIGRATE),
            app="mitol-django-scim",
            told=("--no-groups",),
        ),
    )
}


def install(recipe: Path, what: str) -> Path:
    """The folder with the packages that the recipe's lock names, installed at the first call for that lock.

    `what` is the name and version of the program, for the line that says that it is being installed.
    """
    node = (recipe / "package-lock.json").exists()
    lock = recipe / ("package-lock.json" if node else "requirements.lock")
    digest = hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = CACHE / f"{recipe.name}-{digest}"
    if not (folder / "complete").exists():
        print(f"installing {what} into .cache/real", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (_install_node if node else _install_python)(recipe, folder)
        (folder / "complete").touch()
    return folder


def _install_python(recipe: Path, folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
    lock = recipe / "requirements.lock"
    subprocess.run([*pip, "install", "-qq", "--no-deps", "--require-hashes", "-r", lock], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)


def _install_node(recipe: Path, folder: Path) -> None:
    if shutil.which("npm") is None:
        raise SystemExit("node and npm are needed for scimmy-routers (Debian: apt-get install nodejs npm)")
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(recipe / name, folder)
    subprocess.run(["npm", "ci", "--silent"], cwd=folder, check=True)


@contextmanager
def started(name: str, port: int = 0, token: str = TOKEN) -> Iterator[Running]:
    """The server of that name with an empty store, until the block ends.

    `port` 0 takes a free one. Raises RuntimeError with the server's own words when it does not come up.
    """
    server = FLEET[name]
    packages = install(HERE / server.name, f"{server.name} {server.version}")
    port = port or free_port()
    env = os.environ | {"PORT": str(port), "TOKEN": token, "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryDirectory(prefix=f"{name}-") as state:
        home = Path(state) / "app"
        shutil.copytree(HERE / server.app, home)
        if (packages / "node_modules").exists():
            (home / "node_modules").symlink_to(packages / "node_modules")
        fill = {"bin": str(packages / "bin"), "port": str(port), "token": token}
        for command in server.prepare:
            subprocess.run(_filled(command, fill), cwd=home, env=env, check=True)
        log = Path(state) / "log"
        with _process(_filled(server.command, fill), home, env, log) as process:
            _wait_until_listening(process, port, log)
            url = f"http://127.0.0.1:{port}{server.base}"
            _search_once(url, token)
            yield Running(server, url, process.pid)


def _search_once(url: str, token: str) -> None:
    """One search before anybody else asks.

    Where mitol-django-scim was new, four first searches at once left it without its parser of filters: every
    search was 500 from then on (seen once in many starts). That is no question of SCIM.
    """
    asked: dict[str, str | int] = {"filter": 'userName eq "nobody"', "startIndex": 1, "count": 1}
    with contextlib.suppress(httpx2.HTTPError):
        httpx2.get(f"{url}/Users", params=asked, headers={"Authorization": f"Bearer {token}"}, timeout=30)


def _filled(command: tuple[str, ...], fill: Mapping[str, str]) -> list[str]:
    return [word.format(**fill) for word in command]


@contextmanager
def _process(
    command: list[str], home: Path, env: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=home, env=env, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"the server did not come up:\n{log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    """Run one server in the foreground: `python -m tests.real.fleet NAME [PORT]`."""
    if len(sys.argv) not in (2, 3) or sys.argv[1] not in FLEET:
        raise SystemExit(f"which one? {', '.join(FLEET)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # its store goes with it, however it ends
    with started(sys.argv[1], int(sys.argv[2]) if len(sys.argv) == 3 else 0) as running:
        server = running.server
        print(f"{server.name} {server.version} at {running.url}, token {TOKEN!r}; Ctrl-C ends it", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
