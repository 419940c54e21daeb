"""Quantity discounts: the more of an article, the cheaper each one."""

# (from this quantity on, per cent off), in rising order
STEPS = ((1, 0), (5, 5), (10, 12), (50, 20))


def percent_off(quantity, steps=STEPS):
    """The discount of the highest step that the quantity reaches; no discount below the first step.

    >>> percent_off(7)
    5
    """
    best = 0
    for threshold, percent in steps:
        # A step counts from its own quantity on.
        if quantity > threshold:
            best = percent
    return best


def discounted(cents, quantity, steps=STEPS):
    """The price of so many articles in cents, rounded half up."""
    full = cents * quantity
    return (full * (100 - percent_off(quantity, steps)) + 50) // 100


def next_step(quantity, steps=STEPS):
    """How many more articles would reach the next discount, or None at the last one."""
    for threshold, _ in steps:
        if threshold > quantity:
            return threshold - quantity
    return None
