"""What a sender allows of a target: a query in its base URL, headers beside its own, answers of 429."""

from __future__ import annotations

from dataclasses import replace

from scimproof.catalog.senders import Sender
from scimproof.core.errors import UsageError
from scimproof.target.retry_policy import RetryPolicy
from scimproof.target.target import Target


def retry_policy(sender: Sender) -> RetryPolicy:
    """The retry policy that the sender's data give."""
    told = sender.retry
    return RetryPolicy(told.first_wait, told.attempts, told.factor, whose=sender.name)


# Of requests for which no administrator waits: seconds of the first and of the longest wait, and attempts.
FIRST_WAIT, LONGEST, ATTEMPTS = 1.0, 60.0, 10


def own_retry_policy(sender: Sender) -> RetryPolicy:
    """The sender's retry policy for the harness's own requests: prefill, races, read-back and clean-up.

    A Retry-After is waited in full. The sender's own waits of five minutes and more, which are for people who
    are asleep, become a second, and a sender that soon gives up is made to persist.
    """
    policy = retry_policy(sender)
    first, attempts = min(policy.first_wait, FIRST_WAIT), max(policy.attempts, ATTEMPTS)
    return replace(policy, first_wait=first, attempts=attempts, longest=LONGEST)


def held_to(sender: Sender, target: Target) -> None:
    """Refuse a target to which the sender could not be set up so; UsageError says what and why."""
    if target.query and sender.base_query == "refuse":
        raise UsageError(
            f"--target {target.url!r} must not have a query or fragment (RFC 7644 section 1.3), "
            f"and {sender.name} is not set up with one"
        )
    for name, _ in target.headers:
        if name.lower() in sender.headers:
            raise UsageError(
                f"--header: {name}: {sender.name} sends that header itself; it stays as it is sent"
            )
