"""The pack for a submission to a provider's catalogue, as one run's document supports it."""
