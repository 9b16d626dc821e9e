"""The servers as fixtures."""
