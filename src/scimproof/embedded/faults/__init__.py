"""Every fault the embedded target can be given, by name."""

from scimproof.embedded.fault import Fault
from scimproof.embedded.faults import (
    auth,
    concurrency,
    consistency,
    create,
    create_answer,
    deactivate,
    delete,
    errors,
    filtering,
    groups,
    groups_patch,
    groups_put,
    large_groups,
    list_form,
    load,
    names,
    negotiation,
    paging,
    patch_user,
    rate_limit,
    read,
    replace,
    retry,
    security,
    stored,
    types,
    unicode,
    update,
)
from scimproof.embedded.faults.expected import with_requirements

_ALL = (
    *auth.FAULTS,
    *paging.FAULTS,
    *list_form.FAULTS,
    *filtering.FAULTS,
    *create.FAULTS,
    *create_answer.FAULTS,
    *read.FAULTS,
    *replace.FAULTS,
    *update.FAULTS,
    *names.FAULTS,
    *patch_user.FAULTS,
    *deactivate.FAULTS,
    *delete.FAULTS,
    *groups.FAULTS,
    *groups_patch.FAULTS,
    *groups_put.FAULTS,
    *large_groups.FAULTS,
    *errors.FAULTS,
    *negotiation.FAULTS,
    *types.FAULTS,
    *stored.FAULTS,
    *unicode.FAULTS,
    *concurrency.FAULTS,
    *retry.FAULTS,
    *rate_limit.FAULTS,
    *security.FAULTS,
    *consistency.FAULTS,
    *load.FAULTS,
)

_KNOWN = with_requirements(_ALL)

# What Okta's traffic shows, and the load faults, which a replay of one request at a time may not meet.
FAULTS: dict[str, Fault] = {
    name: fault for name, fault in _KNOWN.items() if fault.trips or fault.group == load.GROUP
}
# What shows only in requests that no suite sends yet: for other clients, and for suites to come.
UNSEEN: dict[str, Fault] = {name: fault for name, fault in _KNOWN.items() if name not in FAULTS}
