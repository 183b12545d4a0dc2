"""Papers: the marketplaces' AWBs, merged into one PDF.

Registers Print AWB with ``work`` at start. Imports work and everything below it.
"""
