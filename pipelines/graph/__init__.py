"""Graphs of nodes as people draw them: read, judged, and turned into parts of a plan.

Nothing in here knows Django. A graph is values; whatever lies outside of it (saved connections,
the columns of a source) is asked for through the small protocols of `outside`.
"""
