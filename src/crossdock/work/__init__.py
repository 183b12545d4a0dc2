"""Durable work: one action on one order, once; lanes, batches, pace and recovery.

Knows no marketplace: the rooms above register their actions at start (``action.register``).
Imports orders and everything below it.
"""
