"""How the pages for people write dates and times in English."""
