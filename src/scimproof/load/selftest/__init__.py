"""Self-test of reported latencies: a stalling server, and stock Locust beside this generator."""
