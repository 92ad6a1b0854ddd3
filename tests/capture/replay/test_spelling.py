import pytest

from scimproof.capture.replay.spelling import of_json, of_query


@pytest.mark.parametrize(
    ("raw", "old", "new", "edited"),
    [
        ("a%20eq%20%22jane%40corp.de%22", "jane@corp", "p.jane@b", "a%20eq%20%22p.jane%40b.de%22"),
        ("userName+eq+%22jane%40corp.com%22", "jane", "a b", "userName+eq+%22a+b%40corp.com%22"),
        ("userName eq %22o%27neil%22", "o'neil", "p.o'neil", "userName eq %22p.o%27neil%22"),
        ("x%20eq%20%22a%2bb%22", "a+b", "ü+c", "x%20eq%20%22%c3%bc%2bc%22"),
        ("x%20eq%20%22%E6%97%A5%22", "日", "日本", "x%20eq%20%22%E6%97%A5%E6%9C%AC%22"),
    ],
)  # fmt: skip
def test_a_query_keeps_its_encoding(raw: str, old: str, new: str, edited: str) -> None:
    spelling = of_query(raw)
    start = spelling.text.index(old)
    assert spelling.edited([(start, start + len(old), new)]) == edited
    assert spelling.edited([]) == raw


@pytest.mark.parametrize(
    ("token", "old", "new", "edited"),
    [
        (r'"http:\/\/host\/scim"', "host", "a/b", r'"http:\/\/a\/b\/scim"'),
        (r'"O\u0027Neil"', "Neil", "N'l", r'"O\u0027N\u0027l"'),
        ('"Zoë"', "Zoë", "p.Zoë", '"p.Zoë"'),
        (r'"\ud83d\ude42 x"', "x", "🙂", r'"\ud83d\ude42 \ud83d\ude42"'),
        (r'"a\"b"', "a", 'c"', r'"c\"\"b"'),
    ],
)
def test_a_json_string_keeps_its_escapes(token: str, old: str, new: str, edited: str) -> None:
    spelling = of_json(token)
    start = spelling.text.index(old)
    assert f'"{spelling.edited([(start, start + len(old), new)])}"' == edited
