"""Orders in: pulled on a schedule and on request, and looked at when a webhook says so.

Imports work and everything below it.
"""
