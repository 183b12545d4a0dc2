"""What is true on every desk, whatever the database or the marketplace.

Plain Python: no Django, no I/O, the standard library only. Every other room may import this one.
"""
