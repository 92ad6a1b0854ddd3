"""Every legal variant of the embedded target by name: what a right server may do otherwise."""

from scimproof.embedded.variants import (
    capabilities,
    discovery,
    filters,
    forms,
    headers,
    lists,
    locations,
    others,
    patch_and_bulk,
    subject,
    types,
)
from scimproof.embedded.variants.definition import Variant

VARIANTS: dict[str, Variant] = {
    variant.name: variant
    for module in (
        capabilities,
        types,
        headers,
        forms,
        locations,
        lists,
        filters,
        patch_and_bulk,
        subject,
        discovery,
        others,
    )
    for variant in module.VARIANTS
}
