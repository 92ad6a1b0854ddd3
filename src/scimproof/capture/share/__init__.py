"""Captures for sharing: people, addresses, ids, hosts and tokens replaced by stand-ins, consistently."""
