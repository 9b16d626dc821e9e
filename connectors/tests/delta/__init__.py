"""Tests of the delta connector."""
