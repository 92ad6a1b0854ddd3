"""Shows how true the reported latencies are: a stalling server, and stock Locust beside ours."""
