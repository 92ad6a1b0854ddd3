"""Writes the generated pages of docs/ and the generated blocks in others: `python -m tests.docs.pages`.

`tests/docs/test_generated.py` compares each with what is in the folder. A page is a function of its sources:
the command line, the settings, suites/, fixtures/, load/plans, the faults.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.docs import catalogue, faults, interface, metrics, plans, products, sequences

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMAND = "python -m tests.docs.pages"
NOTE = f"<!-- Written by `{COMMAND}` from {{}}: edit that instead. -->\n"

# Pages that are written as a whole: from what, and by what.
WHOLE: dict[str, tuple[str, Callable[[], str]]] = {
    "reference/commands.md": ("src/scimproof/cli", interface.commands_page),
    "reference/settings.md": ("the table of settings in src/scimproof/settings", interface.settings_page),
    "reference/exit-codes.md": ("tests/docs/interface.py and scimproof's Exit", interface.exit_codes_page),
    "reference/requirements.md": ("suites/requirements", catalogue.requirements_page),
    "reference/plans.md": ("load/plans", plans.page),
    "reference/metrics.md": ("the table of metrics in src/scimproof/load/export", metrics.page),
    "reference/faults.md": ("the faults in src/scimproof/embedded", faults.faults_page),
    "reference/oin-test-plan.md": ("suites/oin/cases.toml", catalogue.test_plan_page),
    "reference/bitwarden-behaviour.md": ("suites/deviations and quirks.toml", products.bitwarden_page),
}
# Blocks in pages that people write.
BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "reference/sequences.md": {"sequences": sequences.block},
    "reference/wire-facts.md": {"operations": partial(catalogue.operations_block, "okta")},
    "reference/entra-wire-facts.md": {"operations": partial(catalogue.operations_block, "entra")},
    "reference/spec-test-steps.md": {"suites": catalogue.suites_block},
    "reference/defects.md": {"defects": faults.defects_block},
    "guides/load.md": {"plans": plans.block},
}


def main() -> None:
    """Write all of them anew, and name those that changed."""
    for name, text in written().items():
        path = DOCS / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"docs/{name}\n")


def written() -> dict[str, str]:
    """Every page with something generated in it, as it has to be today."""
    whole = {name: NOTE.format(source) + "\n" + make() for name, (source, make) in WHOLE.items()}
    return whole | {name: rewritten(name) for name in BLOCKS}


def rewritten(name: str) -> str:
    """A page with its blocks as the sources are today; KeyError when the markers are gone."""
    text = (DOCS / name).read_text(encoding="utf-8")
    for word, make in BLOCKS[name].items():
        begin, end = f"<!-- {word}: written by `{COMMAND}` -->", f"<!-- end of {word} -->"
        block = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
        if not block.search(text):
            raise KeyError(begin)
        between = f"{begin}\n{make()}\n{end}"
        text = block.sub(lambda _, made=between: made, text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    main()
