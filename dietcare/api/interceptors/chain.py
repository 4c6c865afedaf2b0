"""The interceptors in their order, outermost first. A test asserts it: it is a contract."""

from grpc_interceptor.server import AsyncServerInterceptor

from dietcare.api.addresses import ClientAddresses
from dietcare.api.interceptors.access import AccessInterceptor
from dietcare.api.interceptors.access_log import AccessLogInterceptor
from dietcare.api.interceptors.auth import AuthInterceptor
from dietcare.api.interceptors.deadline import DeadlineInterceptor
from dietcare.api.interceptors.errors import ErrorInterceptor
from dietcare.api.interceptors.fence import FenceInterceptor
from dietcare.api.interceptors.idempotency import IdempotencyInterceptor
from dietcare.api.interceptors.ip_limit import IPLimitInterceptor
from dietcare.api.interceptors.limit import LimitInterceptor
from dietcare.api.interceptors.limit_headers import LimitHeadersInterceptor
from dietcare.api.interceptors.parsed import ParsedInterceptor
from dietcare.api.interceptors.request_id import RequestIdInterceptor
from dietcare.api.interceptors.shed import ShedInterceptor
from dietcare.auth.tokens import TokenVerifier
from dietcare.limits.wiring import Limits
from dietcare.telemetry.metrics import Metrics


def chain(
    metrics: Metrics,
    verifier: TokenVerifier,
    limits: Limits,
    clients: ClientAddresses,
    access: AccessInterceptor,
    fence: FenceInterceptor,
    idempotency: IdempotencyInterceptor,
    room: int,
) -> list[AsyncServerInterceptor]:
    """Request id → access log and metrics → errors → shedding → deadline → per-IP limit → what
    can not be parsed → auth → whose records → erasures before it → what is left of limits →
    idempotency → per-user limit.
    """
    return [
        RequestIdInterceptor(),
        AccessLogInterceptor(metrics),
        ErrorInterceptor(),
        ShedInterceptor(room, metrics),
        DeadlineInterceptor(),
        IPLimitInterceptor(limits.addresses, clients),
        ParsedInterceptor(),
        AuthInterceptor(verifier),
        access,
        fence,
        LimitHeadersInterceptor(limits.users),
        idempotency,
        LimitInterceptor(limits.users, limits.units),
    ]
