"""The SCIM service of the embedded Bitwarden: users, groups, lists."""
