"""The orders page, the order page, and the pages of batches.

Imports everything below it; nobody imports it.
"""
