"""Accounts is who may do it."""
