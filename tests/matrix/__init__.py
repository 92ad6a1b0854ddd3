"""Every fault of the embedded target against the whole Okta profile."""
