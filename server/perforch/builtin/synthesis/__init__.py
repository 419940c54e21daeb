"""Functions from examples: expressions are put together from known pieces until one does what the examples show."""
