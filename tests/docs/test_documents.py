"""What the documents name exists: commands, options, files, faults, profiles, labels of sources."""

from __future__ import annotations

import importlib.util
import itertools
import re
import shlex
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest

from scimproof.catalog.loader import load_catalog
from scimproof.cli import COMMANDS, root_command
from scimproof.core.results import Verdict
from scimproof.embedded.bitwarden.faults.behaviour import FAULTS as BITWARDEN
from scimproof.embedded.faults import FAULTS, HISTORIES
from scimproof.embedded.faults.entra import ENTRA_FAULTS
from scimproof.load.audit.violation import SORTS
from scimproof.pytest_plugin.options import OPTIONS
from scimproof.render.formats import DocumentKind, formats
from scimproof.settings.every_setting import SETTINGS
from tests.docs import pages, screenshot

ROOT = Path(__file__).resolve().parents[2]
# What is for people who use it: README first, and the pages that people write. Generated ones are held to
# their sources by test_generated.py.
WRITTEN = sorted(
    f"docs/{path.relative_to(ROOT / 'docs').as_posix()}"
    for path in (ROOT / "docs").rglob("*.md")
    if path.relative_to(ROOT / "docs").as_posix() not in {*pages.WHOLE, "matrix.md"}
)
GUIDES = ("README.md", *(page for page in WRITTEN if page != "docs/sources.md"))
PAGES = (*GUIDES, "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/sources.md")
README_LINES = 150  # what a newcomer reads before the own server is tried
PLUGIN = {f"--scim-{each.option.removeprefix('--')}" for each in OPTIONS}
PLUGIN |= {"--scim-sequence", "--scim-config", "--scim-yes", "--scim-no-groups"}
LOCUST_OPTIONS = ROOT / "src/scimproof/load/locust_run/options.py"
LOCUST = set(re.findall(r'"(--scim-[a-z-]+)"', LOCUST_OPTIONS.read_text(encoding="utf-8")))
CODE = re.compile(r"^ *```\w*\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@cache
def guides() -> str:
    return "\n".join(text(page) for page in GUIDES)


@cache
def options(name: str) -> frozenset[str]:
    """The options of one command, as its --help has them."""
    command = root_command.get_command(click.Context(root_command), name)
    assert command is not None
    every = {opt for param in command.params for opt in (*param.opts, *param.secondary_opts)}
    return frozenset({"--help"} | {opt for opt in every if opt[0] == "-"})


def lines(page: str) -> list[list[str]]:
    """What a page shows to be typed, split as a shell would: blocks of code, and spans in the text."""
    prose = CODE.sub("", text(page))
    blocks = [line.strip() for block in CODE.findall(text(page)) for line in block.splitlines()]
    found = []
    for line in [*blocks, *SPAN.findall(prose)]:
        try:
            words = shlex.split(line)
        except ValueError:
            continue  # a piece of code, not of a shell
        if words:
            found.append([word for word in words if not re.fullmatch(r"[A-Z_]+=\S*", word)])
    return found


def used(page: str, program: str) -> list[list[str]]:
    """The arguments of each time that a program is called."""
    return [words[1:] for words in lines(page) if words and words[0].removeprefix(".venv/bin/") == program]


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_and_their_options_exist(page: str) -> None:
    for command, *rest in filter(None, used(page, "scimproof")):
        assert command in COMMANDS, f"{page} names {command!r}"
        given = {word.partition("=")[0] for word in rest if word.startswith("-")}
        assert given <= options(command), f"{page}: {command} {' '.join(rest)}"


def test_the_readme_names_every_command() -> None:
    shown = {command for command, *_ in filter(None, used("README.md", "scimproof"))}
    assert set(COMMANDS) - shown == set(), "README.md does not show these commands"


def test_the_readme_stays_short_and_the_overview_leads_to_every_page() -> None:
    assert len(text("README.md").splitlines()) <= README_LINES
    assert "(docs/index.md)" in text("README.md")
    led = {f"docs/{link.partition('#')[0]}" for link in LINK.findall(text("docs/index.md"))}
    every = {*WRITTEN, "docs/matrix.md", *(f"docs/{page}" for page in pages.WHOLE)}
    assert every - led == {"docs/index.md"}


@pytest.mark.parametrize("page", PAGES)
def test_an_option_in_the_text_belongs_to_some_command(page: str) -> None:
    named = {word for words in lines(page) for word in words if re.fullmatch(r"--[a-z-]*[a-z]", word)}
    known = (PLUGIN | LOCUST).union(*(options(command) for command in COMMANDS))
    others = {"--help", "--pyargs", "--headless", "--web-host"}  # the second is pytest's, then Locust's
    assert named - others <= known


@pytest.mark.parametrize("page", PAGES)
def test_options_of_pytest_exist(page: str) -> None:
    given = {
        word.partition("=")[0]
        for words in used(page, "pytest")
        for word in words
        if word.startswith("--scim")
    }
    assert given <= PLUGIN


@pytest.mark.parametrize("page", PAGES)
def test_targets_of_make_and_modules_to_run_exist(page: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target, *_ in filter(None, used(page, "make")):
        assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE), f"{page}: make {target}"
    for flag, module, *_ in (words for words in used(page, "python") if len(words) > 1):
        assert flag == "-m"
        assert importlib.util.find_spec(module), f"{page}: python -m {module}"


def test_environment_variables_are_read_by_the_code() -> None:
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src" / "scimproof").rglob("*.py"))
    source += " ".join(each.variable for each in SETTINGS)  # made of the options' names
    named = {name for page in PAGES for name in re.findall(r"\bSCIMPROOF_[A-Z_]+", text(page))}
    assert {name for name in named if name not in source} == set()
    assert named


def test_ids_faults_and_profiles_exist() -> None:
    catalog = load_catalog()
    for words in [words for page in PAGES for words in lines(page)]:
        for flag, value in itertools.pairwise(words):
            if flag == "--fault" and not value.isupper():
                assert value in {**FAULTS, **HISTORIES, **ENTRA_FAULTS, **BITWARDEN}
            if flag == "--profile" and not value.isupper():
                assert catalog.profiles_in(value)
    of_sender = re.compile(rf"`((?:{'|'.join(catalog.senders)})\.(?!toml|md)[a-z0-9.-]+)")
    named = {name for page in PAGES for name in of_sender.findall(text(page))}
    known = [id.partition("[")[0] for id in catalog.sequences]
    known += [one.id for one in catalog.repertoires.values()]
    unknown = {name for name in named if not [s for s in known if f"{s}.".startswith(f"{name}.")]}
    assert unknown == set()
    assert {name for name in catalog.profiles if f"`{name}`" not in guides()} == set()


def test_the_example_of_a_finding_is_one() -> None:
    catalog = load_catalog()
    found = re.findall(r"`([a-z.-]+)/([a-z-]+)#([a-z0-9.-]+)`", text("README.md"))
    assert found
    for sequence, step, requirement in found:
        steps = {each.id: each for each in catalog.sequences[sequence].steps}
        assert requirement in {check.requirement for check in steps[step].checks}


def test_what_is_said_of_numbers_is_true() -> None:
    (promised,) = re.findall(r"more than (\d+) faults", " ".join(text("README.md").split()))
    assert len(FAULTS) > int(promised)
    assert {
        form.file for form in formats(DocumentKind.RUN) if f"`{form.file}`" not in text("README.md")
    } == set()


def test_what_load_writes_and_finds_is_named() -> None:
    assert {form.file for form in formats(DocumentKind.LOAD) if f"`{form.file}`" not in guides()} == set()
    assert {name for name in SORTS if f"**{name}**" not in guides()} == set()


def test_every_verdict_result_and_word_of_an_audit_is_explained() -> None:
    page, words = text("docs/explanation/verdicts.md"), text("docs/glossary.md")
    assert {verdict for verdict in Verdict if f"| {verdict} |" not in page} == set()
    for word in ("finding", "requirement", "step", "sequence", "ledger", "write guard", "linearizability"):
        assert re.search(rf"^\| <a id=\"[a-z-]+\"></a>{word} \|", words, re.MULTILINE), word


@pytest.mark.parametrize("name", screenshot.PICTURES)
def test_the_faults_of_a_picture_are_the_ones_named_beside_it(name: str) -> None:
    picture = screenshot.PICTURES[name]
    shown = [
        page for page in markdown() if f"/{name}.png)" in text(page) or f"(docs/{name}.png)" in text(page)
    ]
    assert shown, f"no page shows docs/{name}.png"
    beside = text(shown[0])
    assert all(f"--fault {fault}" in beside for fault in picture.faults)
    assert f"scimproof {' '.join(picture.command)} " in beside
    assert picture.path.stat().st_size < screenshot.MOST_BYTES


def markdown() -> list[str]:
    """The Markdown files that git knows or will know, without those written from what servers answered."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    names = [name for name in listed.stdout.split("\n") if name and (ROOT / name).is_file()]
    return sorted(name for name in names if not name.endswith("/report.md"))


def anchors(page: str) -> set[str]:
    """What a page can be linked at: its headings as GitHub and the site call them, and its own anchors."""
    prose = CODE.sub("", text(page))
    headings = re.findall(r"^#+ (.*)$", prose, re.MULTILINE)
    words = (re.sub(r"<[^>]*>|[^\w\s-]", "", heading).strip().lower() for heading in headings)
    return {re.sub(r"\s", "-", word) for word in words} | set(re.findall(r'<a id="([^"]+)"', prose))


@pytest.mark.parametrize("page", markdown())
def test_links_within_the_repository_lead_somewhere(page: str) -> None:
    for link in LINK.findall(CODE.sub("", text(page))):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target.relative_to(ROOT).as_posix()), f"{page}: {link}"
