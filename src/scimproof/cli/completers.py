"""Shell completion of ids, profiles, plans, faults and variants (must take less than half a second)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import click
from click.shell_completion import CompletionItem

from scimproof.catalog.loader import load_catalog
from scimproof.load.plan.names import plan_names

Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def ids(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Sequences and the beginnings of their ids, since a beginning selects all sequences below it."""
    sequences = load_catalog().sequences
    titles = {id: sequence.title for id, sequence in sequences.items()}
    beginnings = {id.rsplit(".", cut)[0]: "" for id in sequences for cut in range(1, id.count(".") + 1)}
    return _completions({**beginnings, **titles}, begun)


def weights(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Sequences by their full id, for --mix."""
    return _completions({id: each.title for id, each in load_catalog().sequences.items()}, begun)


def profiles(_: click.Context, __: click.Parameter, begun: str) -> list[CompletionItem]:
    """Profiles; after a comma one more, for a command that takes several."""
    before = begun.rpartition(",")[0]
    stem = f"{before}," if "," in begun else ""
    titles = {id: profile.title for id, profile in load_catalog().profiles.items()}
    others = {id: title for id, title in titles.items() if id not in before.split(",")}
    return _completions({f"{stem}{id}": title for id, title in others.items()}, begun)


def plans(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Plans that come with scimproof, of the sender of `--profile`; files when none begins so."""
    sender, profile = "", ctx.params.get("profile")
    if profile:
        catalog = load_catalog()
        sender = catalog.sender(catalog.profiles.get(profile)).id
    names = plan_names(sender=sender)
    return _completions(dict.fromkeys(names, ""), begun) or [CompletionItem(begun, type="file")]


def faults(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Faults of the target that `--as` names."""
    from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS  # noqa: PLC0415 - asked for here only

    return _completions(PRODUCTS[ctx.params.get("product") or DEFAULT_PRODUCT].faults(), begun)


def variants(ctx: click.Context, _: click.Parameter, begun: str) -> list[CompletionItem]:
    """Legal variants of the target that `--as` names."""
    from scimproof.embedded.targets import DEFAULT_PRODUCT, PRODUCTS  # noqa: PLC0415 - asked for here only

    return _completions(PRODUCTS[ctx.params.get("product") or DEFAULT_PRODUCT].variants(), begun)


def _completions(words: Mapping[str, str], begun: str) -> list[CompletionItem]:
    fitting = sorted(word for word in words if word.startswith(begun))
    return [CompletionItem(word, help=words[word] or None) for word in fitting]


BY_NAME: dict[str, Complete] = {"profile": profiles, "mixes": weights}
