"""What stands in somebody's environment, or above the checkout, has no say in the tests."""

from __future__ import annotations

import os

from scimproof.settings.file import NAMED_BY
from scimproof.settings.table import SETTINGS

for name in {each.variable for each in SETTINGS}:
    os.environ.pop(name, None)
os.environ[NAMED_BY] = os.devnull
