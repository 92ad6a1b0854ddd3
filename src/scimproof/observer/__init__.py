"""Observer: a second source of truth beside SCIM, a vendor's HTTP API or a program of the user."""
