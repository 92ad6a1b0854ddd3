"""Faults of rate limiting, which applies to creates of users."""

from email.utils import formatdate
from time import time

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error

GROUP = "rate limiting"
_EVERY = 10
_CAP = 5


def _limited(status: int, retry_after: str | None = None) -> Behave:
    """A behaviour that refuses every tenth create with this Retry-After (`date`: an HTTP date)."""

    @when("Users", "create")
    def behave(call: InterceptedRequest) -> ScimResponse:
        if call.tick() % _EVERY:
            return call.proceed()
        response = error(status, "Too many requests")
        if retry_after is not None:
            date = formatdate(time() + 2, usegmt=True)
            response.headers["Retry-After"] = date if retry_after == "date" else retry_after
        return response

    return behave


@when("Users", "create")
def _capped(call: InterceptedRequest) -> ScimResponse:
    return error(403, "Invitation limit reached") if call.tick() > _CAP else call.proceed()


FAULTS = (
    Fault("rate-limit-without-retry-after", "D-294", GROUP, "429 comes without Retry-After.", _limited(429)),
    Fault("rate-limit-date", "D-294", GROUP, "Retry-After of a 429 is a date.", _limited(429, "date")),
    Fault("rate-limit-fraction", "D-294", GROUP, "Retry-After of a 429 is a fraction.", _limited(429, "1.5")),
    Fault("rate-limit-403", "D-288", GROUP, "The limit is answered 403.", _limited(403)),
    Fault("rate-limit-503", "D-288", GROUP, "The limit is answered 503 without Retry-After.", _limited(503)),
    Fault("creates-capped", "D-291", GROUP, "After five users any create is refused.", _capped),
)
