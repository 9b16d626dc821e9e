"""Tests of what puts the platform together."""
