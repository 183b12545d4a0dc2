"""Companies, the people in them, what each may do, and the wall between companies.

Every room above may import this one; it imports ``ui`` (the shell its pages live in) and ``rules``.
"""
