"""Tests of connectors: each by itself, and what all of them stand on."""
