"""The shell that every page lives in: templates, tokens, icons, small scripts.

Called by every room with pages; imports rules only.
"""
