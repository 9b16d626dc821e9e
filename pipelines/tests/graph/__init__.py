"""Tests of graphs; none of them needs a database or a server."""
