"""Bulk jobs: their operations checked one by one, and circles of resources that refer to each other."""

from typing import Any

from scim2_models import BulkOperation, ConflictException, Resource
from scim2_server.bulk import BULK_ID_PREFIX, BulkPlan, BulkStep

ENTERPRISE = "EnterpriseUser"


class CirclePlan(BulkPlan):
    """A plan that makes what stands in a circle without the reference that closes it.

    `open` are those references: the position of the operation in the job, and the bulkId. Once every
    operation was tried they can be closed. Without `resolved` a circle is 409.
    """

    def __init__(
        self,
        operations: list[BulkOperation[Resource[Any]]],
        fail_on_errors: int | None,
        *,
        resolved: bool = True,
    ) -> None:
        super().__init__(operations, fail_on_errors)
        self._resolved = resolved
        self.open: list[tuple[int, str]] = []

    def resolve(self, step: BulkStep) -> BulkOperation[Resource[Any]]:
        """The operation with ids in place of bulkIds, but for those that nobody can know yet."""
        try:
            return super().resolve(step)
        except ConflictException:
            operation = self.operation(step)
            waiting = [
                bulk_id
                for bulk_id in self.references(operation)
                if bulk_id in self.creations and self.creations[bulk_id] not in self.results
            ]
            if operation.method != BulkOperation.Method.post or not waiting or not self._resolved:
                raise
            whole = operation.data
            self.operations[step.index] = operation.model_copy(
                update={"data": _without(whole, {BULK_ID_PREFIX + bulk_id for bulk_id in waiting})}
            )
            resolved = super().resolve(step)
            self.open += [(step.index, bulk_id) for bulk_id in waiting]
            return resolved


def _without(data: Any, references: set[str]) -> Any:
    """The data without members, or the manager, that are these references."""
    copy = data.model_copy(deep=True)
    members = getattr(copy, "members", None)
    if members:
        copy.members = [member for member in members if member.value not in references]
    enterprise = getattr(copy, ENTERPRISE, None)
    if enterprise is not None and enterprise.manager and enterprise.manager.value in references:
        enterprise.manager = None
    return copy


def close(resource: Resource[Any], bulk_id: str, original: Any, new_id: str) -> None:
    """Put the reference back into the resource that was made without it."""
    for member in getattr(original, "members", None) or []:
        if member.value == BULK_ID_PREFIX + bulk_id:
            found = member.model_copy(update={"value": new_id})
            resource.members = [*(resource.members or []), found]  # type: ignore[attr-defined]
    enterprise = getattr(original, ENTERPRISE, None)
    if enterprise is not None and enterprise.manager and enterprise.manager.value == BULK_ID_PREFIX + bulk_id:
        kept = getattr(resource, ENTERPRISE) or type(enterprise)()
        kept.manager = enterprise.manager.model_copy(update={"value": new_id})
        setattr(resource, ENTERPRISE, kept)
