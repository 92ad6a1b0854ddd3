"""report.html in a real browser: it opens, links, searches, fits, prints, and needs no scripts to be read."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from urllib.parse import quote

import pypdf
import pytest
from playwright.sync_api import expect

from scimproof.catalog.loader import load_catalog
from scimproof.render.conformance.html import anchor, html
from scimproof.render.diagnosis.grouping import causes
from scimproof.report.document import Report
from tests.browser.conftest import Opener
from tests.render.conformance.test_admin_messages import made as in_log
from tests.report.make_samples import sample
from tests.report.many import many

FAILS = "okta.oin.user.deactivate/read-back#okta-deactivate-persists"
PASSES = "okta.oin.user.create/find#okta-found-by-name"
NAMES = ("honest", "failing", "hostile", "waived")


def link(finding: str) -> str:
    return "#" + quote(anchor(finding), safe="/:")


@pytest.mark.parametrize("name", NAMES)
def test_it_opens_from_disk_and_fits_the_window(opened: Opener, name: str) -> None:
    page = opened(html(sample(name))).page
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    for width in (1000, 400):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("h1").count() == 1


def test_what_the_log_shows_fits_a_narrow_window_and_is_told_apart(opened: Opener) -> None:
    document = in_log(status=400, body={"detail": "https://example.com/" + "x" * 400})
    document["log"] = load_catalog().logs["entra"].json()
    page = opened(html(document)).page
    page.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")
    page.set_viewport_size({"width": 360, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    reason = page.locator(".cause .admin").first
    labels = reason.locator("b").all_inner_texts()
    assert labels[-2:] == ["Provisioning log", "Then"]
    expect(reason.locator("code")).to_have_text("SystemForCrossDomainIdentityManagementServiceIncompatible")
    for label in reason.locator("b").all():
        assert label.evaluate("b => getComputedStyle(b).display") == "block", "each on a line of its own"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("finding", [FAILS, PASSES])
def test_the_link_of_a_finding_opens_its_fold(opened: Opener, finding: str, *, scripts: bool) -> None:
    page = opened(html(sample("failing")), link(finding), java_script_enabled=scripts).page
    told = page.locator(f'[id="{anchor(finding)}"]')
    expect(told).to_be_visible()
    expect(told).to_be_in_viewport()


def test_the_link_of_a_reason_leads_to_the_finding_with_its_conversation(opened: Opener) -> None:
    page = opened(html(sample("failing"))).page
    page.locator(f'#reasons ~ ol a[href="{link(FAILS)}"]').click()
    told = page.locator(f'[id="{anchor(FAILS)}"]')
    expect(told).to_be_visible()
    told.locator('a[href^="#exchange-"]').click()
    said = page.locator(page.evaluate("location.hash"))
    expect(said).to_be_visible()
    expect(said.locator("pre.curl")).to_contain_text('"Authorization: Bearer $SCIMPROOF_TOKEN"')


def test_a_link_followed_twice_opens_a_fold_that_was_closed_in_between(opened: Opener) -> None:
    page = opened(html(sample("failing")), link(FAILS)).page
    told = page.locator(f'[id="{anchor(FAILS)}"]')
    told.evaluate("told => told.closest('.sequence').open = false")
    expect(told).not_to_be_visible()
    page.locator(f'#reasons ~ ol a[href="{link(FAILS)}"]').click()
    expect(told).to_be_visible()


def shown(document: Report, keep: Callable[[dict[str, object]], bool]) -> str:
    every = document["findings"]
    return f"{sum(map(keep, every)):,} of {len(every):,} findings shown"


def test_search_and_filter_show_what_fits_and_say_how_much(opened: Opener) -> None:
    document = sample("failing")
    page = opened(html(document)).page
    status = page.locator("#shown")
    expect(status).to_have_text(shown(document, lambda _: True))
    page.get_by_label("Search").fill("deactivate-persists  TRUE")
    expect(status).to_have_text(shown(document, lambda finding: finding["id"] == FAILS))
    assert page.locator("#findings .finding:not([hidden])").count() == 1
    assert page.locator("#findings .sequence:not([hidden])").count() == 1
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Verdict").select_option("inconclusive")
    expect(status).to_have_text(shown(document, lambda finding: finding["verdict"] == "inconclusive"))
    page.get_by_label("Dialect").select_option("OIN")
    expect(status).to_have_text(shown(document, lambda _: False))
    page.get_by_role("button", name="Show all").click()
    page.get_by_label("Authority").select_option("okta-spec")
    expect(status).to_have_text(shown(document, lambda finding: finding["authority"] == "okta-spec"))
    page.get_by_label("Authority").select_option("")
    page.get_by_label("Resource").select_option("Users")
    expect(status).to_have_text(shown(document, lambda f: not str(f["sequence"]).startswith("rfc")))
    assert status.get_attribute("aria-live") == "polite"


def test_a_link_to_what_a_filter_hides_shows_it(opened: Opener) -> None:
    page = opened(html(sample("failing"))).page
    page.get_by_label("Search").fill("spec-status-200")
    expect(page.locator("#shown")).to_contain_text("1 of")
    page.locator(f'#reasons ~ ol a[href="{link(FAILS)}"]').click()
    expect(page.locator(f'[id="{anchor(FAILS)}"]')).to_be_visible()


def test_it_can_be_used_with_the_keyboard(opened: Opener) -> None:
    page = opened(html(sample("failing"))).page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the findings")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Search").focus()
    fold = page.locator("details.sequence.fails > summary").first
    fold.focus()
    page.keyboard.press("Enter")
    assert fold.evaluate("summary => summary.parentElement.open")
    assert fold.evaluate("summary => getComputedStyle(summary).outlineStyle") == "solid"


@pytest.mark.parametrize("name", NAMES)
def test_without_scripts_everything_is_there_and_nothing_pretends_to_work(opened: Opener, name: str) -> None:
    document = sample(name)
    page = opened(html(document), java_script_enabled=False).page
    expect(page.locator("#tools")).not_to_be_visible()
    assert page.locator("button:visible").count() == 0
    assert page.locator(".finding").count() == len(document["findings"])
    assert page.locator(".said").count() == len(document["exchanges"])


@pytest.mark.parametrize("name", ["failing", "hostile", "waived"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_print_has_every_reason_and_every_finding_that_needs_attention(
    opened: Opener, name: str, *, scripts: bool
) -> None:
    document = sample(name)
    page = opened(html(document), java_script_enabled=scripts).page
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages
    text = squeezed("".join(sheet.extract_text() for sheet in pages))
    for cause in causes(document):
        assert squeezed(cause.title)[:60] in text
    for finding in document["findings"]:
        if finding["verdict"] in ("fail", "error", "waived", "inconclusive", "warning"):
            assert squeezed(finding["id"]) in text


def squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def test_of_a_large_report_conversations_are_unpacked_when_asked_for(opened: Opener) -> None:
    document = many(60, 40)
    page = opened(html(document)).page
    last = document["exchanges"][-41]["number"]  # the last sequence fails, and is HTML
    assert page.locator(f"#exchange-{last}").count() == 0
    page.evaluate("number => location.hash = `exchange-${number}`", last)
    said = page.locator(f"#exchange-{last}")
    expect(said).to_be_visible()
    expect(said.locator("pre.curl")).to_contain_text("curl -sS")
    page.locator("details.sequence").first.evaluate("fold => fold.open = true")
    expect(page.locator("details.sequence").first.locator("details.talk").first).to_be_visible()


def test_of_a_large_report_a_reader_without_scripts_is_told_where_the_rest_is(opened: Opener) -> None:
    document = many(60, 40)
    page = opened(html(document), java_script_enabled=False).page
    plain = page.locator(".said").count()
    left = len(document["exchanges"]) - plain
    expect(page.locator("#packed")).to_contain_text(f"{left:,} conversations of this report")
    wrong = {f["exchange"] for f in document["findings"] if f["verdict"] == "fail"}
    ids = {int(str(said.get_attribute("id")).rpartition("-")[2]) for said in page.locator(".said").all()}
    assert wrong
    assert wrong <= ids
