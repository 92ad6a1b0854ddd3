"""The OIN pack: what a submission to Okta's catalog needs, as one run's document supports it."""
