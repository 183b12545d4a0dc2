"""Running an installation: its embedded database, checks, health, metrics, retention, the demo.

Called by ``cli``; may import every room below.
"""
