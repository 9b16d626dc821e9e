"""How the pages for people write dates and times."""
