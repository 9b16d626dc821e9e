"""Tests of sources that change between two loads, and of what proves a load."""
