"""Each way to write JSON that is not the senders' is named once."""

from __future__ import annotations

import pytest

from scimproof.capture.learn.shapes.formatting import formatting


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ('{"a":1}\n', "behind the body"),
        ('\t{"a":1}', "before the body"),
        ('\ufeff{"a":1}', "byte order mark"),
        ('{"a": 1,"b": 2}', "spaces behind a colon"),
        ('{"a":1, "b":2}', "spaces behind a comma"),
        ('{ "a":1}', "spaces inside brackets"),
        ('{\n"a":1\n}', "line breaks"),
        ('{"a":"\\u00e9"}', "escapes"),
        ('{"a":"https:\\/\\/x"}', "escapes"),
        ('{"a":1e2}', "numbers"),
        ('{"a":1,"a":2}', "name twice in an object"),
    ],
)
def test_one_way_is_named(body: str, where: str) -> None:
    assert [found.where for found in formatting(body.encode())] == [where]
