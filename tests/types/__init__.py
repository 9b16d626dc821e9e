"""Whether a value of any type survives on the way from any source to any destination."""
