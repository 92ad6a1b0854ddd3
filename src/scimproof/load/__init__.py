"""Puts the certified sequences under load: open schedule, lean sender, figures that can be trusted.

Nothing outside this package imports it but `scimproof load`, which starts it in a process of its own.
"""
