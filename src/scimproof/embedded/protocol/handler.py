"""The operations of the embedded target: those of scim2-server, conditions first, circles resolved."""

from http import HTTPStatus
from typing import Any, cast

from scim2_models import ConflictException
from scim2_server.handler import ScimHandler
from scim2_server.requests import ScimRequest
from scim2_server.responses import ScimResponse
from scim2_server.routing import Operation

from scimproof.embedded.protocol.bulk import CirclePlan, close
from scimproof.embedded.service import Service


class Handler(ScimHandler):
    """The operations of scim2-server with four differences."""

    service: Service

    def create(self, request: ScimRequest) -> ScimResponse:
        """Create a resource; the answer shows what `attributes` and `excludedAttributes` say."""
        if not {"attributes", "excludedAttributes"} & request.query.keys():
            return super().create(request)
        with self.service.provider:
            target = self.service.route(request, Operation.create)
            kind = self.service.resource_type_at(cast("str", target.endpoint))
            parameters = self.service.read_response_parameters(kind, request.query)
            body, label = request.body, request.header("Content-Type")
            resource = self.service.read_creation(kind, body, label)
            with self.storage.operation():
                created = self.storage.create(kind, resource)
            return self.service.creation_response(request.base_url, created, parameters)

    def replace(self, request: ScimRequest) -> ScimResponse:
        """Replace a resource, unless a condition does not hold: a wrong body is no reason to ignore it."""
        self._conditions_first(request, Operation.replace)
        return super().replace(request)

    def patch(self, request: ScimRequest) -> ScimResponse:
        """Change a resource, unless a condition does not hold."""
        self._conditions_first(request, Operation.patch)
        return super().patch(request)

    def bulk(self, request: ScimRequest) -> ScimResponse:
        """Work off a job, and close the circles in it."""
        with self.service.provider:
            self.service.route(request, Operation.bulk)
            plan = self.service.read_bulk(request.body, request.header("Content-Type"))
            originals = [operation.data for operation in plan.operations]
            for step in plan:
                result, resource = self.run_bulk_step(request, plan, step)
                plan.record(step, result, resource)
            self._close_circles(request.base_url, plan, originals)
            return self.service.bulk_response(plan)

    def _conditions_first(self, request: ScimRequest, operation: Operation) -> None:
        conditions = self.service.read_conditions(request)
        if conditions.if_match is None and conditions.if_none_match is None:
            return
        with self.service.provider:
            target = self.service.route(request, operation)
            kind = self.service.resource_type_at(cast("str", target.endpoint))
            current = self.storage.get(kind, cast("str", target.resource_id))
            self.service.check_preconditions(current, request.method.upper(), conditions)

    def _close_circles(self, base_url: str, plan: CirclePlan, originals: list[Any]) -> None:
        for index, bulk_id in plan.open:
            result = plan.results[index]
            if result["status"] < HTTPStatus.BAD_REQUEST:
                try:
                    plan.results[index] = self._close(base_url, plan, index, bulk_id, originals[index])
                except Exception as problem:  # noqa: BLE001  (as the library does for any operation)
                    kept = {key: result[key] for key in ("method", "bulk_id")}
                    plan.results[index] = self.service.bulk_failure(kept, problem)

    def _close(
        self, base_url: str, plan: CirclePlan, index: int, bulk_id: str, original: Any
    ) -> dict[str, Any]:
        result = plan.results[index]
        made = plan.created[str(result["bulk_id"])]
        kind = self.service.get_resource_type_of(made)
        with self.storage.operation():
            if bulk_id not in plan.created:
                self.storage.delete(kind, str(made.id))
                raise ConflictException(detail=f"No resource was created with the bulkId {bulk_id}")
            current = self.storage.get(kind, str(made.id))
            close(current, bulk_id, original, str(plan.created[bulk_id].id))
            changed = self.storage.update(kind, current)
            return self.service.bulk_success(base_url, plan.operations[index], result, changed)
