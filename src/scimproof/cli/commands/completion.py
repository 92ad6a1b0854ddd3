"""`scimproof completion`: prints the script for shell completion of ids, profiles, plans and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_SCIMPROOF_COMPLETE"
EXAMPLES = """\b
Once, for good:
  bash   echo 'eval "$(scimproof completion bash)"' >> ~/.bashrc
  zsh    echo 'eval "$(scimproof completion zsh)"' >> ~/.zshrc
  fish   scimproof completion fish \\
           > ~/.config/fish/completions/scimproof.fish
"""


@click.command("completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(*, shell: str) -> None:
    """Print the script that completes commands, options, ids, profiles, plans and faults.

    SHELL is bash (4.4 or newer), zsh or fish.
    """
    found = get_completion_class(shell)
    assert found is not None
    # Not click's `source`, which starts a bash to learn its version.
    complete = found(cli=click.Group(), ctx_args={}, prog_name="scimproof", complete_var=VARIABLE)
    click.echo(complete.source_template % complete.source_vars())
