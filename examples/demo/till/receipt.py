"""From scanned codes to a printed receipt."""

from collections import Counter

from till.discounts import discounted

TAX_PERCENT = 19


class Receipt:
    def __init__(self, catalogue):
        self._catalogue = catalogue
        self._quantities = Counter()

    def scan(self, *codes):
        for code in codes:
            self._quantities[self._catalogue.find(code)] += 1
        return self

    @property
    def total(self):
        """Everything, in cents, discounts and tax included."""
        return sum(self._line_total(article, quantity) for article, quantity in self._quantities.items())

    def _line_total(self, article, quantity):
        net = discounted(article.cents, quantity)
        return net + (net * TAX_PERCENT + 50) // 100 if article.taxed else net

    def lines(self, width=32):
        for article, quantity in sorted(self._quantities.items(), key=lambda item: item[0].name):
            amount = money(self._line_total(article, quantity))
            label = f"{quantity} x {article.name}"
            yield label[: width - len(amount) - 1].ljust(width - len(amount)) + amount
        total = money(self.total)
        yield "TOTAL".ljust(width - len(total)) + total


def money(cents):
    """
    >>> money(-1234567)
    '-12,345.67'
    """
    sign = "-" if cents < 0 else ""
    whole, rest = divmod(abs(cents), 100)
    return f"{sign}{whole:,}.{rest:02}"
