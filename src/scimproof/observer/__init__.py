"""A second source of truth beside SCIM: a described HTTP interface, or a program of the user."""
