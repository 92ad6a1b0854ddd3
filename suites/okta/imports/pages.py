"""Questions about a list that was walked page by page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from scimproof.checks.attributes import read, show
from scimproof.core.context import ExecutionContext, Page
from scimproof.core.definitions import Ask
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, does_not_apply, held
from scimproof.core.scim import member_ids, value_at

PAGE_SIZE = 100  # resources (OKTA-03), as in sender.toml


def pages_answered() -> Ask:
    """Every page of the walk came with 200."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        pages = _pages(scene, exchange)
        wrong = next((page for page in pages if page.status != 200), None)
        expected = f"200 for each of {len(pages)} pages"
        return broken(expected, wrong.summary) if wrong else held(expected)

    return ask


def on_the_pages(scene: ExecutionContext, exchange: Exchange, id: str) -> Json:
    """The resource of this run with that id, as the walk that this exchange ended shows it; None for none."""
    ours = (resource for page in _pages(scene, exchange) for resource in page.ours)
    return next((resource for resource in ours if str(value_at(resource, "id")) == id), None)


def imported_members(group: str, *blanks: str) -> Ask:
    """The group of that id, as a walked page shows it, has these members among others."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        wanted = {scene.blanks[blank] for blank in blanks}
        found = on_the_pages(scene, exchange, scene.blanks[group])
        expected = f"the imported group with its {len(wanted)} members"
        if found is None:
            cut = unseen(scene, exchange)
            return does_not_apply(cut) if cut else cannot_tell(expected, "the group is on none of the pages")
        missing = wanted - member_ids(found)
        return broken(expected, f"{len(missing)} of them missing") if missing else held(expected)

    return ask


def pages_show_all() -> Ask:
    """The walked pages show as many different resources as totalResults says."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        pages = _pages(scene, exchange)
        totals = [page.total for page in pages]
        shown = {id for page in pages for id in page.ids}
        expected = f"{show(totals[0])} different resources on {len(pages)} pages"
        if totals[0] is None:
            return cannot_tell(expected, "there is no totalResults to compare with")
        if any(total != totals[0] for total in totals):
            return _changed(scene, pages, expected)
        if len(shown) == totals[0]:
            return held(expected)
        return broken(expected, short_page(_sizes(pages)) or f"{len(shown)}")

    return ask


def pages_repeat_nothing() -> Ask:
    """No resource stands on two pages, or twice on one."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        pages = _pages(scene, exchange)
        times = Counter(id for page in pages for id in page.ids)
        twice = sorted(id for id, count in times.items() if count > 1)[:5]
        expected = "each resource once"
        if twice and any(page.total != pages[0].total for page in pages):
            return _changed(scene, pages, expected)
        return broken(expected, f"more than once: {', '.join(twice)}") if twice else held(expected)

    return ask


def pages_show(wanted: Callable[[ExecutionContext], list[str]]) -> Ask:
    """Each of these ids stands on one of the walked pages."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        ids = {id for page in _pages(scene, exchange) for id in page.ids}
        ours = wanted(scene)
        missing = [id for id in ours if id not in ids]
        expected = f"all {len(ours)} resources of this run"
        if missing and (cut := unseen(scene, exchange)):
            return does_not_apply(cut)
        return broken(expected, f"{len(missing)} missing, e.g. {missing[0]}") if missing else held(expected)

    return ask


def total_counts_all(*, but: int = 0) -> Ask:
    """The totalResults is at least the number of resources that this run made, on every page.

    So many as `but` says may be left out for a reason that has a requirement of its own.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        pages = _pages(scene, exchange)
        totals = [page.total for page in pages]
        wanted = made(scene) - but
        expected = f"totalResults of {wanted} or more on every page"
        if totals[0] is None:
            return cannot_tell(expected, "there is no totalResults")
        if all(total is not None and total >= wanted for total in totals):
            return held(expected)
        return broken(expected, too_few(_sizes(pages), wanted) or show(totals))

    return ask


def made(scene: ExecutionContext) -> int:
    """How many resources of the walked kind this run made and did not remove: so many there are at least."""
    return max(scene.made, 1)


def unseen(scene: ExecutionContext, exchange: Exchange, *, but: int = 0) -> str:
    """Why Okta does not see all by this walk, which has a requirement of its own; empty when it does."""
    sizes = _sizes(_pages(scene, exchange))
    why = short_page(sizes) or too_few(sizes, made(scene) - but)
    return why and f"not asked: {why}"


def short_page(sizes: list[tuple[int, int | None]]) -> str:
    """Which page had fewer than asked for while there were more, and what Okta never sees for it.

    `sizes` are how many each page had and its totalResults. Okta goes on a hundred further, whatever came.
    """
    for number, (size, total) in enumerate(sizes):
        first, following = number * PAGE_SIZE + 1, (number + 1) * PAGE_SIZE + 1
        if total is not None and size < PAGE_SIZE and first + size <= total:
            on = f"Okta goes on at {following}" if following <= total else "Okta asks for no more"
            lost = f"so {first + size} to {min(following - 1, total)} are never seen"
            return f"page {number + 1} had {size} of {PAGE_SIZE}; {on}, {lost}"
    return ""


def too_few(sizes: list[tuple[int, int | None]], wanted: int) -> str:
    """That totalResults ends the walk before all are seen; empty when it does not."""
    size, total = sizes[-1]
    if total is None or total >= wanted:
        return ""
    return (
        f"page {len(sizes)} had {size} of {PAGE_SIZE}, and totalResults is {total}, though this run made "
        f"{wanted}; Okta asks for no more, so {total + 1} to {wanted} are never seen"
    )


def _sizes(pages: list[Page]) -> list[tuple[int, int | None]]:
    return [(len(page.ids), page.total) for page in pages]


def ours_have(*paths: str) -> Ask:
    """Every user of this run on the walked pages has a value for each of these attributes."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        ids = {member.id for member in scene.population}
        ours = [
            resource
            for page in _pages(scene, exchange)
            for resource in page.ours
            if str(value_at(resource, "id")) in ids
        ]
        wrong = [
            (str(value_at(resource, "userName")), path)
            for resource in ours
            for path in paths
            if not isinstance(read(resource, path), bool) and not read(resource, path)
        ]
        expected = f"{', '.join(paths)} in each of the {len(ours)} users of this run"
        if not wrong:
            return held(expected)
        name, first = wrong[0]
        missing = tuple(dict.fromkeys(path for _, path in wrong))
        return broken(expected, f"{len(wrong)} times missing, e.g. {name}: no {first}", about=missing)

    return ask


def listed_inactive(blank: str) -> Ask:
    """The walked pages show that user, with active false."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        every = [resource for page in _pages(scene, exchange) for resource in page.ours]
        mine = next((r for r in every if str(value_at(r, "id")) == scene.blanks[blank]), None)
        expected = "the deactivated user, with active false"
        if mine is None:
            cut = unseen(scene, exchange, but=1)
            return does_not_apply(cut) if cut else broken(expected, "the user is on none of the pages")
        active = value_at(mine, "active")
        return held(expected) if active is False else broken(expected, f"active {show(active)}")

    return ask


def _pages(scene: ExecutionContext, exchange: Exchange) -> list[Page]:
    """The pages of the walk that this exchange ended."""
    walked = (pages for pages in scene.pages.values() if pages and pages[-1].number == exchange.number)
    return next(walked, [Page.of(exchange, scene)])


def _changed(scene: ExecutionContext, pages: list[Page], expected: str) -> CheckResult:
    """What a walk tells during which the list changed: somebody else writes, another run perhaps.

    Where each of this run's own, who were there throughout, is shown once, nothing was lost by it.
    """
    totals = show([page.total for page in pages])
    changed = f"totalResults changed during the walk ({totals}): somebody else writes"
    times = Counter(str(value_at(resource, "id")) for page in pages for resource in page.ours)
    residents = {member.id for member in scene.population}
    own = set(times) | (residents if residents & set(times) else set())
    if own and all(times[id] == 1 for id in own):
        return held(expected, f"{changed}; each of the {len(own)} of this run is shown once")
    return cannot_tell(expected, changed)
