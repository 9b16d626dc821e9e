"""What the formats of data models share: their errors, bounded reading, plain writing."""
