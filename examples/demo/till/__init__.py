"""A small shop's till: prices, discounts and receipts."""
