"""One file per button that changes an order at its channel.

Each registers its action with ``work`` at start. Imports work and everything below it.
"""
