"""Faults of all requests: authentication, errors, media types, types, security."""

from scimproof.embedded.faults.protocol import auth, errors, negotiation, rate_limit, security, types, unicode

FAULTS = (
    *auth.FAULTS,
    *errors.FAULTS,
    *negotiation.FAULTS,
    *rate_limit.FAULTS,
    *security.FAULTS,
    *types.FAULTS,
    *unicode.FAULTS,
)
