"""What the shop sells."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Article:
    code: str
    name: str
    cents: int
    taxed: bool = True


class Catalogue:
    """Articles by their code; codes are compared without regard to case and spaces."""

    def __init__(self, articles):
        self._articles = {self._key(article.code): article for article in articles}

    @staticmethod
    def _key(code):
        return code.replace(" ", "").upper()

    def find(self, code):
        try:
            return self._articles[self._key(code)]
        except KeyError:
            raise LookupError(f"no article {code!r}") from None

    def cheapest(self, count=1):
        return sorted(self._articles.values(), key=lambda article: (article.cents, article.code))[:count]
