"""The embedded engine: one more ranked model, of cost 0, without a network."""
