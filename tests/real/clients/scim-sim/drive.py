"""What an administrator does, by the commands of scim-sim: `python drive.py URL`, the token in SCIM_TOKEN.

It keeps URL and token in a file in the home directory, and makes people up: seeded here, so that each run
sends the same. It cannot change users. Deleting a group deletes its members.
"""

import contextlib
import io
import os
import random
import re
import sys

from faker import Faker
from scim_sim import cli
from scim_sim.config import save_config

ID = re.compile(r"ID: (\S+)")


def command(*words: str) -> str:
    """What the command printed, and the id that is in it."""
    sys.argv = ["scim-sim", *words]
    with contextlib.redirect_stdout(io.StringIO()) as said:
        cli.main()
    text = said.getvalue()
    if "❌" in text:
        raise SystemExit(text)
    found = ID.search(text)
    return found[1] if found else ""


def main() -> None:
    Faker.seed(15)
    random.seed(15)
    save_config(sys.argv[1], os.environ["SCIM_TOKEN"])
    users = [command("add-user") for _ in range(3)]
    group = command("create-group", "Readers & writers")
    for user in users[:2]:
        command("add-to-group", user, group)
    command("remove-from-group", users[1], group)
    command("show")
    command("delete-group", group)
    for user in users[1:]:
        command("remove-user", user)


if __name__ == "__main__":
    main()
