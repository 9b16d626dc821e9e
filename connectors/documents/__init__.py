"""What is needed to read MongoDB: where it is, what its documents hold, columns made of them."""
