"""Every fault the embedded target can be given, by name."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import (
    auth,
    create,
    deactivate,
    delete,
    errors,
    filtering,
    groups,
    groups_patch,
    groups_put,
    large_groups,
    paging,
    patch_user,
    read,
    replace,
)

_ALL = (
    *auth.FAULTS,
    *paging.FAULTS,
    *filtering.FAULTS,
    *create.FAULTS,
    *read.FAULTS,
    *replace.FAULTS,
    *patch_user.FAULTS,
    *deactivate.FAULTS,
    *delete.FAULTS,
    *groups.FAULTS,
    *groups_patch.FAULTS,
    *groups_put.FAULTS,
    *large_groups.FAULTS,
    *errors.FAULTS,
)

FAULTS: dict[str, Fault] = {fault.name: fault for fault in _ALL}
