"""Which requirements each fault trips: read from expected.toml beside this file."""

import tomllib
from dataclasses import replace
from importlib.resources import files

from scimproof.embedded.fault import Fault


def with_requirements(faults: tuple[Fault, ...]) -> dict[str, Fault]:
    """Return the faults by name, each with the requirements it must trip and those it may.

    Raises KeyError if the file names a fault that does not exist.
    """
    text = (files(__package__) / "expected.toml").read_text(encoding="utf-8")
    known = {fault.name: fault for fault in faults}
    for name, expected in tomllib.loads(text).items():
        trips, also = tuple(expected["trips"]), tuple(expected.get("also", ()))
        known[name] = replace(known[name], trips=trips, also=also)
    return known
