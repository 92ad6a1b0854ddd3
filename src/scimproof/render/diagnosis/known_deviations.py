"""Maps failed checks to the product's documented deviations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

Row = dict[str, Any]


def explained(report: Row, findings: Iterable[Row]) -> list[str]:
    """A sentence for each deviation that explains some findings: `known deviation XY-04 of ...`.

    Takes the report of any version: earlier ones know no product.
    """
    product = report.get("product") or {}
    reasons = product.get("deviations", {})
    every = list(findings)
    counts = Counter(finding.get("known", "") for finding in every)
    del counts[""]
    return [
        f"known deviation {name} of {product.get('title', 'the product')}"
        + (f" ({number} of {len(every)})" if number < len(every) else "")
        + (f": {reasons[name]['reason']}" if name in reasons else "")
        for name, number in sorted(counts.items())
    ]


def recognised(report: Row) -> str:
    """A sentence on the recognised product, and how much of what failed is documented; else empty."""
    product = report.get("product")
    if not product:
        return ""
    failed = [finding for finding in report["findings"] if finding["verdict"] in ("fail", "warning")]
    names = sorted({finding["known"] for finding in failed} - {""})
    recognised_as = f"The target looks like {product['title']} ({product['because']})"
    if not names:
        return f"{recognised_as}."
    number = sum(1 for finding in failed if finding["known"])
    waiving = f"; the profile {product['profile']} waives them" if product.get("profile") else ""
    return (
        f"{recognised_as}: {number} of {len(failed)} checks that do not hold are its documented deviations "
        f"({', '.join(names)}){waiving}."
    )
