"""The processes that make the load: alone, or a Locust master with workers."""
