"""The OpenAPI document: that it is whole, and that the platform does what it says."""
