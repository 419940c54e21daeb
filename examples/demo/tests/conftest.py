import pytest

from till.catalogue import Article, Catalogue


@pytest.fixture
def catalogue():
    return Catalogue([
        Article("A 1", "Apple", 40, taxed=False),
        Article("B2", "Bread knife", 1299),
        Article("c3", "Candle", 99),
    ])
