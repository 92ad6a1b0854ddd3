"""What an administrator does, sent by scim-client: `python drive.py URL`, the token in SCIM_TOKEN.

It knows no groups and no PATCH.
"""

import os
import sys

from scim_client import SCIMClient
from scim_client.resources import User

PEOPLE = (("Zoë", "Ångström"), ("Ann", "O'Neil"), ("李", "小龍"))


def main() -> None:
    scim = SCIMClient(base_url=sys.argv[1], token=os.environ["SCIM_TOKEN"])
    users = []
    for number, (given, family) in enumerate(PEOPLE):
        user = User(
            id=None,
            external_id=f"ext-{number}",
            user_name=f"person{number}@example.com",
            display_name=f"{given} {family}",
            name={"given_name": given, "family_name": family},
            emails=[{"value": f"person{number}@example.com", "type": "work", "primary": True}],
            active=True,
        )
        users.append(scim.create_user(user))
    scim.search_users('userName eq "person1@example.com"', count=10, start_index=1)
    scim.search_users('userName sw "person" and active eq true', count=2, start_index=1)

    changed = scim.read_user(users[0].id)
    changed.display_name = "Zoë Å."
    scim.update_user(changed)
    gone = scim.read_user(users[1].id)
    gone.active = False
    scim.update_user(gone)
    for user in users:
        scim.delete_user(user.id)


if __name__ == "__main__":
    main()
