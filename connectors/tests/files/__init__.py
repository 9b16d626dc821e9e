"""Files: places, formats and commits."""
