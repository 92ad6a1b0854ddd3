"""The outcome of a load run: verdict and JSON document."""
