"""Captures of real traffic: recorded, read, compared with what is sent here, shared, played again."""
