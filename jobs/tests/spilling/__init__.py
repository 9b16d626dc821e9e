"""Tests of steps that need more memory than there is."""
