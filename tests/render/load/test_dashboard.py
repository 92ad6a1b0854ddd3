from __future__ import annotations

import re

from scimproof.render.load.dashboard import dashboard_page

RUN = {
    "plan": "smoke", "question": "Does <it> work?", "url": "https://host/scim/v2", "embedded": False,
    "seconds": 20.0, "warm_up": 2.0, "version": "1",
}  # fmt: skip


def test_the_page_has_nothing_from_elsewhere_and_allows_nothing_else() -> None:
    page, policy = dashboard_page(RUN)
    assert not re.search(r"<link|src=|url\(|https?://(?!host/|www\.w3\.org/2000/svg)", page)
    assert "Does &lt;it&gt; work?" in page
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["connect-src"] == "'self'"
    assert rules["script-src"].startswith("'sha256-")
    assert "unsafe" not in policy
    assert page.count(policy.replace("'", "&#39;")) == 1


def test_what_a_plan_is_called_cannot_end_the_script() -> None:
    page, _ = dashboard_page(RUN | {"plan": "</script><script>alert(1)</script>"})
    assert "alert(1)</script><" not in page
    assert r"\u003c/script>" in page
