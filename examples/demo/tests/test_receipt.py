from till.receipt import Receipt, money


def test_a_receipt_adds_up(catalogue):
    receipt = Receipt(catalogue).scan("A1", "A1", "B2")
    assert receipt.total == 80 + 1299 + 247


def test_ten_candles_are_discounted(catalogue):
    receipt = Receipt(catalogue).scan(*["C3"] * 10)
    assert receipt.total == 871 + 165


def test_lines_are_aligned(catalogue):
    lines = list(Receipt(catalogue).scan("B2", "A1").lines(width=24))
    assert [len(line) for line in lines] == [24, 24, 24]
    assert lines[0].startswith("1 x Apple")


def test_money_is_readable():
    assert money(5) == "0.05"
    assert money(1234567) == "12,345.67"
