"""What a sender allows of a target: a query in its base URL, headers beside its own, answers of 429."""

from __future__ import annotations

from scimproof.catalog.senders import Sender
from scimproof.core.errors import UsageError
from scimproof.target.retry_policy import RetryPolicy
from scimproof.target.target import Target


def retry_policy(sender: Sender) -> RetryPolicy:
    """The retry policy that the sender's data give."""
    told = sender.retry
    return RetryPolicy(told.first_wait, told.attempts, told.factor, whose=sender.name)


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
