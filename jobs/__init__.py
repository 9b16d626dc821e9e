"""Jobs is what runs."""
