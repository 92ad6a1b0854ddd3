"""Request bodies, before the library reads them: JSON objects that name their schemas."""

import re

from pydantic import ValidationError
from pydantic_core import from_json
from scim2_models import Error, InvalidSyntaxException, SCIMException

from scimproof.embedded.responses import JSON

_PYTHON_WORDS = re.compile(r"a valid dictionary or instance of \w+")


def json_object(body: bytes) -> JSON:
    """The JSON object in a body. Raises InvalidSyntaxException if there is none."""
    try:
        read = from_json(body, allow_inf_nan=False)
    except ValueError as problem:
        raise InvalidSyntaxException(detail=f"The body is no JSON: {problem}") from problem
    if not isinstance(read, dict):
        raise InvalidSyntaxException(detail="The body has to be a JSON object.")
    return read


def ensure_schemas(read: JSON) -> None:
    """Raise InvalidSyntaxException for a body without `schemas`."""
    schemas = read.get("schemas")
    if schemas is None:
        schemas = member(read, "schemas")
    if not isinstance(schemas, list) or not schemas:
        raise InvalidSyntaxException(detail="schemas has to be a list that names the schemas of the body.")


def member(read: JSON, name: str) -> object:
    """A member by its name in small letters, whatever the letter case in the body."""
    return next((value for key, value in read.items() if key.lower() == name), None)


def refusal(problem: ValidationError) -> SCIMException:
    """What a client is told of a body that the model refuses, in words for people."""
    error = Error.from_validation_errors(problem)[0]
    error.detail = _PYTHON_WORDS.sub("an object", error.detail or "")
    return SCIMException.from_error(error)
