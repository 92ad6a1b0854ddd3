"""What an administrator does, sent by scim2-client: `python drive.py URL`, the token in SCIM_TOKEN."""

import os
import sys

from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import PatchOp, PatchOperation, ResponseParameters, SearchRequest

PEOPLE = (("Zoë", "Ångström"), ("Ann", "O'Neil"), ("李", "小龍"))


def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['SCIM_TOKEN']}"}
    with Client(base_url=sys.argv[1], headers=headers) as http:
        scim = SyncSCIMClient(http)
        scim.discover()
        user_type = scim.get_resource_model("User")
        group_type = scim.get_resource_model("Group")
        users = []
        for number, (given, family) in enumerate(PEOPLE):
            user = user_type(
                user_name=f"person{number}@example.com",
                name={"given_name": given, "family_name": family},
                emails=[{"value": f"person{number}@example.com", "type": "work", "primary": True}],
                password=f"{os.environ['SCIM_PASSWORD']}{number}",
                active=True,
            )
            users.append(scim.create(user))
        asked = SearchRequest(filter='userName eq "person1@example.com"', start_index=1, count=10)
        scim.query(user_type, query_parameters=asked)
        scim.search(search_request=SearchRequest(filter='userName sw "person"', count=2))
        scim.query(user_type, users[0].id, query_parameters=ResponseParameters(attributes=["userName"]))

        changed = scim.query(user_type, users[0].id)
        changed.display_name = "Zoë Å."
        scim.replace(changed)
        off = PatchOperation(op=PatchOperation.Op.replace_, path="active", value=False)
        scim.modify(user_type, users[1].id, PatchOp[user_type](operations=[off]))

        group = scim.create(group_type(display_name="Readers & writers"))
        for user in users[:2]:
            add = PatchOperation(op=PatchOperation.Op.add, path="members", value=[{"value": user.id}])
            scim.modify(group_type, group.id, PatchOp[group_type](operations=[add]))
        left = PatchOperation(op=PatchOperation.Op.remove, path=f'members[value eq "{users[1].id}"]')
        scim.modify(group_type, group.id, PatchOp[group_type](operations=[left]))
        scim.query(group_type, group.id)
        scim.delete(group_type, group.id)
        for user in users:
            scim.delete(user_type, user.id)


if __name__ == "__main__":
    main()
