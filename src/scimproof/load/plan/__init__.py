"""Load plans: what arrives when, and the thresholds that decide. No gevent."""
