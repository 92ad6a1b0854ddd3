"""What any observer can be asked after Okta's requests, whatever the product: played when there is one."""

from __future__ import annotations

from scimproof.checks import tells_flag, value_is
from scimproof.core.definitions import Check, Sequence, Step

from ..okta.bundles import GET, IDENTITY, answered, given_user
from ..okta.users.lifecycle_oin import DEACTIVATE, REACTIVATE

SEQUENCES = (
    Sequence(
        id="observer.user.deactivate",
        title="Somebody who was deactivated cannot log in any more",
        source="OKTA-11; wire-facts section 6",
        people={"user": "plain"},
        steps=(
            given_user(),
            Step(id="deactivate", request=DEACTIVATE, checks=answered("okta-deactivate-answered")),
            Step(
                id="read-back",
                request=GET,
                checks=(*IDENTITY, Check("okta-deactivate-persists", value_is("active", value=False))),
            ),
            Step(
                id="truth",
                observe="user",
                checks=(Check("observer-deactivated-cannot-log-in", tells_flag("canLogIn", value=False)),),
            ),
            Step(id="reactivate", request=REACTIVATE, checks=answered("okta-reactivate-answered")),
        ),
    ),
)
