"""Replay of a capture against another server: mapped to new ids and names, guarded, compared."""
