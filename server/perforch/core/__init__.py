"""Pure values and rules of the domain: standard library only, no input or output."""
