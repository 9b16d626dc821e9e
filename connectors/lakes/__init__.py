"""What the table formats of a data lake share: held types, staged files, markers, merges."""
