"""Tests of the transformers and of what they share."""
