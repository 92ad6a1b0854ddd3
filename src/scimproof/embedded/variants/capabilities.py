"""Variants of what a target can do at all."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.discovery import Documents
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.embedded.variants.definition import Variant

_PAGE = 100


def _describe(documents: Documents) -> None:
    for feature in ("patch", "bulk", "filter", "sort", "etag", "changePassword"):
        documents.config[feature]["supported"] = False
    documents.config["bulk"] |= {"maxOperations": 0, "maxPayloadSize": 0}
    documents.config["filter"]["maxResults"] = _PAGE
    del documents.config["pagination"]
    user = documents.schema("User")
    user["attributes"] = [documents.attribute("User", "userName")]
    documents.schemas = [user]
    documents.types = [{key: value for key, value in documents.types[0].items() if key != "schemaExtensions"}]


def _behave(call: InterceptedRequest) -> ScimResponse:
    if call.request.path.endswith("/.search"):
        return error(501, "Searches by POST are not supported.")
    return call.proceed()


VARIANTS = (
    Variant(
        "minimal",
        "Users who have a userName and nothing else; no PATCH, jobs, filters, sorting, versions or searches.",
        describe=_describe,
        behave=_behave,
    ),
)
