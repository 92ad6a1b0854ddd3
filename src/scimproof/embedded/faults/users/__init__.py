"""Faults of users: create, read, PUT, PATCH, deactivation, names."""

from scimproof.embedded.faults.users import (
    create,
    create_answer,
    deactivate,
    demands,
    names,
    patch,
    profile,
    read,
    replace,
    stored,
    update,
)

FAULTS = (
    *create.FAULTS,
    *create_answer.FAULTS,
    *deactivate.FAULTS,
    *demands.FAULTS,
    *names.FAULTS,
    *patch.FAULTS,
    *profile.FAULTS,
    *read.FAULTS,
    *replace.FAULTS,
    *stored.FAULTS,
    *update.FAULTS,
)
