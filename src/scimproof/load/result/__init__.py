"""Result of a load run: verdict and JSON document."""
