"""A tour of the platform over its public API: real flights go in, and are proved to have arrived."""
