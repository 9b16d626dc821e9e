"""Tests of the hub and its sockets."""
