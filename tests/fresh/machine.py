"""How this machine reaches Debian's archive and the package index, and what it lacks for `make fresh`."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
TOOLS = {
    "debootstrap": "debootstrap",
    "git": "git",
    "unshare": "util-linux",
    "setpriv": "util-linux",
    "mount": "mount",
    "chroot": "coreutils",
}
# What of pip's configuration says how an index is reached; all the rest would make the system less fresh.
REACHING = ("index-url", "extra-index-url", "proxy", "trusted-host", "timeout", "retries")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
SBIN = ("/usr/sbin", "/sbin")


@dataclass(frozen=True)
class Reach:
    """How the registries are reached from here, to be told to a fresh system; nothing of it is kept."""

    mirror: str
    certificates: Path | None = None
    pip: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    def pip_conf(self) -> str:
        """As pip reads it."""
        told = dict(self.pip) | ({"cert": str(BUNDLE)} if self.certificates else {})
        return "[global]\n" + "".join(f"{name} = {value}\n" for name, value in told.items())

    def profile(self) -> str:
        """As a login shell reads it."""
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self.variables.items())

    def write(self, root: Path) -> None:
        """Tell the system below `root`."""
        for name in ("resolv.conf", "hosts"):
            if Path("/etc", name).exists():
                (root / "etc" / name).write_bytes(Path("/etc", name).read_bytes())
        if self.certificates:
            (root / BUNDLE.relative_to("/")).write_bytes(self.certificates.read_bytes())
        (root / "etc/pip.conf").write_text(self.pip_conf(), encoding="utf-8")
        (root / "etc/profile.d/reach.sh").write_text(self.profile(), encoding="utf-8")


def path() -> str:
    """Where programs are looked for: what only root needs is not on everybody's PATH."""
    return os.pathsep.join([*os.environ.get("PATH", "").split(os.pathsep), *SBIN])


def lacking() -> list[str]:
    """What stands in the way of making a system here, each in a sentence that says what to do."""
    if sys.platform != "linux":
        return ["this is not Linux, and a Debian system cannot be made here"]
    packages = sorted({package for tool, package in TOOLS.items() if not shutil.which(tool, path=path())})
    found = (
        [f"not installed: {', '.join(packages)} (apt-get install {' '.join(packages)})"] if packages else []
    )
    if not KEYRING.exists():
        found.append(f"no {KEYRING}, the keys of Debian's archive (apt-get install debian-archive-keyring)")
    if os.geteuid() != 0:
        found.append("it takes root to make a system of its own: sudo make fresh")
    elif not packages and not _allowed():
        found.append("mount and process namespaces are not allowed here (a container? run it on the host)")
    return found


def _allowed() -> bool:
    command = ["unshare", "--mount", "--pid", "--fork", "--mount-proc", "true"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL, timeout=60).returncode == 0


def reach(mirror: str | None = None) -> Reach | None:
    """How the registries are reached from here; None where apt knows no archive of Debian's."""
    mirror = mirror or archive(
        _said("apt-get", "indextargets", "--format", "$(REPO_URI) $(COMPONENT) $(LABEL)")
    )
    if mirror is None:
        return None
    told = pip_settings(_said(sys.executable, "-m", "pip", "config", "list"))
    named = [told.get("cert"), os.environ.get("SSL_CERT_FILE"), str(BUNDLE)]
    certificates = next((Path(one) for one in named if one and Path(one).is_file()), None)
    variables = {name: os.environ[name] for name in PROXIES if os.environ.get(name)}
    return Reach(mirror, certificates, reaching(told), apt_proxies(_said("apt-config", "dump")) | variables)


def _said(*command: str) -> list[str]:
    try:
        ran = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    except FileNotFoundError:
        return []
    return ran.stdout.splitlines()


def archive(lines: Iterable[str]) -> str | None:
    """Debian's own archive, of lines as `apt-get indextargets` says them: address, component, label.

    The label is known only after `apt-get update`; until then the address has to say it.
    """
    rows = [(*line.split(maxsplit=2), "", "")[:3] for line in lines if "://" in line.partition(" ")[0]]
    main = [(address.rstrip("/"), label) for address, component, label in rows if component == "main"]
    told = [address for address, label in main if label == "Debian"]
    return next(
        (one for one in [*told, *(address for address, _ in main if address.endswith("/debian"))]), None
    )


def apt_proxies(lines: Iterable[str]) -> dict[str, str]:
    """The proxies of apt, as the variables by which other programs know them."""
    found = re.findall(
        r'^Acquire::(https?)::proxy "([^"]+)";$', "\n".join(lines), re.MULTILINE | re.IGNORECASE
    )
    return {f"{scheme.lower()}_proxy": address for scheme, address in found if "://" in address}


def pip_settings(lines: Iterable[str]) -> dict[str, str]:
    """What is in force, of lines as `pip config list` says them: the environment stands above files."""
    order = ("global", "install", ":env:")
    found: dict[str, tuple[int, str]] = {}
    for line in lines:
        keys, _, value = line.partition("=")
        section, _, name = keys.rpartition(".")
        if section in order and order.index(section) >= found.get(name, (0, ""))[0]:
            found[name] = (order.index(section), str(ast.literal_eval(value)))
    return {name: value for name, (_, value) in found.items()}


def reaching(settings: Mapping[str, str]) -> dict[str, str]:
    """What of pip's settings says how an index is reached; folders of this machine are none."""
    kept = {}
    for name in REACHING:
        words = [word for word in settings.get(name, "").split() if urlsplit(word).scheme != "file"]
        if words:
            kept[name] = " ".join(words)
    return kept
