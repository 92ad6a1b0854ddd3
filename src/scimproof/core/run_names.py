"""How a run marks what it creates: the prefix of its names, and the pattern of all such names."""

from __future__ import annotations

import random
import re
import string

PREFIX = re.compile(r"scimproof-[0-9a-z]{8}")
# Every name a run gives is the run's prefix, a dot, and a tag: six hexadecimal digits (catalog/identities),
# or under load the number of the identity with an x in it (load/workload/identities), up to 12 characters.
CREATED_NAME = re.compile(rf"({PREFIX.pattern})\.[0-9a-z]{{6,12}}[. ]")


def new_prefix(rng: random.Random | None = None) -> str:
    """A new prefix, `scimproof-` and eight lower-case letters or digits; drawn by `rng`, else at random."""
    pick = rng or random.SystemRandom()
    return "scimproof-" + "".join(pick.choices(string.ascii_lowercase + string.digits, k=8))
