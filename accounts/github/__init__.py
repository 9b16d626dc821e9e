"""Signing in with GitHub: where browsers are sent, and what GitHub says of a user."""
