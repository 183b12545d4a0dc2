"""Linked shops: how they are linked, their tokens, and how they fare.

Called by orders and everything above; imports companies, channels, ui and rules.
"""
