"""Whose records a call is about, and whether its caller may touch them: judged here, once.

Everything further in asks the call (`user_id`, `owner`) and never the request. The judgement is
told by the RPC, after it has refused what is malformed: 400 comes before 403.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from dietcare.api import call
from dietcare.api.interceptors.base import Around, Context, rpc_of
from dietcare.auth.caller import Access
from dietcare.errors import PermissionDeniedError, ValidationError
from dietcare.services.audit import AuditService, Use
from dietcare.v1 import service_pb2

ACCESS: Mapping[str, Access | None] = {
    "AnalyzeFood": Access.WRITE,
    "LogMeal": Access.WRITE,
    "ListMeals": Access.READ,
    "GetMeal": Access.READ,
    "UpdateMeal": Access.WRITE,
    "DeleteMeal": Access.WRITE,
    "GetGoals": Access.READ,
    "UpdateGoals": Access.WRITE,
    "ListDefaultGoals": None,
    "GetProgress": Access.READ,
    "GetStreak": Access.READ,
    "GetQuota": Access.READ,
    "SearchFoods": None,
    "ExportUserData": Access.ACCOUNT,
    "DeleteUserData": Access.ACCOUNT,
}
"""What each RPC does with the records of the user that its request names; None: there is none."""


class AccessInterceptor(Around):
    """Judges every call, and has the audit log know of what it must before anything else happens.

    That is every export and erasure, and every use of a scope for another user. A patient's own
    calls otherwise cost nothing here.
    """

    def __init__(self, audit: AuditService, access: Mapping[str, Access | None] = ACCESS) -> None:
        require_declared(access)
        self._audit = audit
        self._access = access

    @asynccontextmanager
    async def around(self, request: Any, context: Context, method_name: str) -> AsyncIterator[None]:
        rpc, current = rpc_of(method_name), call.current()
        access = None if rpc is None else self._access[rpc]
        if access is None:
            yield
            return
        caller = current.caller
        try:
            owner = caller.resolve(access, _requested(request))
        except (ValidationError, PermissionDeniedError) as refusal:
            current.refusal = refusal
            yield
            return
        current.owner = owner
        use = Use(owner, caller.subject, current.method, current.request_id)
        if access is Access.ACCOUNT:
            async with self._audit.to_its_end(use):
                yield
            return
        if owner != caller.subject:
            await self._audit.granted(use)
        yield


def require_declared(access: Mapping[str, Access | None]) -> None:
    """Raise where an RPC of the contract is not in the table, or differs from what it says there.

    Raises:
        AssertionError: naming it; no service starts then.
    """
    methods = service_pb2.DESCRIPTOR.services_by_name["DietCareService"].methods_by_name
    for name in sorted(methods.keys() | access.keys()):
        if name not in access:
            raise AssertionError(f"{name} has no declared access: see {__name__}.ACCESS")
        if name not in methods:
            raise AssertionError(f"{__name__}.ACCESS declares {name}, which is no RPC")
        has_user = "user_id" in methods[name].input_type.fields_by_name
        if has_user != (access[name] is not None):
            raise AssertionError(f"{name}: an access is declared where there is a user_id, only")


def _requested(request: Any) -> str | None:
    field = request.DESCRIPTOR.fields_by_name["user_id"]
    if field.has_presence and not request.HasField("user_id"):
        return None
    user_id: str = request.user_id
    return user_id
