"""Tests of the values that are bound to queries."""
