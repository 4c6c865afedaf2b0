"""The interceptors in their order, outermost first. A test asserts it: it is a contract."""

from dietcare.api.interceptors.access_log import AccessLogInterceptor
from dietcare.api.interceptors.auth import AuthInterceptor
from dietcare.api.interceptors.base import Around
from dietcare.api.interceptors.deadline import DeadlineInterceptor
from dietcare.api.interceptors.errors import ErrorInterceptor
from dietcare.api.interceptors.limit import LimitInterceptor
from dietcare.api.interceptors.request_id import RequestIdInterceptor
from dietcare.auth.tokens import TokenVerifier
from dietcare.limits.port import UserLimits
from dietcare.telemetry.metrics import Metrics


def chain(metrics: Metrics, verifier: TokenVerifier, limits: UserLimits) -> list[Around]:
    """Request id → access log and metrics → errors → deadline → auth → per-user limit."""
    return [
        RequestIdInterceptor(),
        AccessLogInterceptor(metrics),
        ErrorInterceptor(),
        DeadlineInterceptor(),
        AuthInterceptor(verifier),
        LimitInterceptor(limits),
    ]
