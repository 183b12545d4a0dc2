"""What every button shares: how it looks, what it asks, and the attempt that calls a channel.

A button itself stands in a folder of ``actions``, ``papers`` or ``posting`` (docs/adding-a-button.md).
Imports work and everything below it.
"""
