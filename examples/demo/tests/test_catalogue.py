import pytest


def test_codes_are_found_in_any_spelling(catalogue):
    assert catalogue.find("a1").name == "Apple"
    assert catalogue.find(" C 3").name == "Candle"


def test_an_unknown_code_is_an_error(catalogue):
    with pytest.raises(LookupError, match="Z9"):
        catalogue.find("Z9")


def test_the_cheapest_come_first(catalogue):
    assert [article.name for article in catalogue.cheapest(2)] == ["Apple", "Candle"]
