"""Real servers that tests, benchmarks and the demonstration start for themselves and end."""
