"""The conventions that every route of the API keeps."""
