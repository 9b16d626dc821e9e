"""Measurements that print a ratio to a named yardstick of the same run; absolute seconds lie."""
