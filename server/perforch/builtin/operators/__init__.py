"""The changes that the search tries: the inverse of what people get wrong, a theme per module."""
