"""The composition root: the only place that knows which adapter stands behind which port.

What is handed in is used and never closed; what is built here is freed again, also when building
fails half-way.
"""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from grpc_interceptor.server import AsyncServerInterceptor

from dietcare.api.addresses import ClientAddresses
from dietcare.api.health import Health, Watched
from dietcare.api.interceptors.access import AccessInterceptor
from dietcare.api.interceptors.chain import chain
from dietcare.api.interceptors.fence import FenceInterceptor
from dietcare.api.interceptors.idempotency import Done, IdempotencyInterceptor
from dietcare.api.interceptors.limit_headers import LimitsOfRefused
from dietcare.api.page_tokens import PageTokens
from dietcare.api.refusals import Refusals
from dietcare.api.servicer import DietCareServicer, Services
from dietcare.auth.jwks import open_jwks
from dietcare.auth.keys import Keys, OneKey
from dietcare.auth.tokens import TokenVerifier
from dietcare.cache.goals import CachedGoalRepository
from dietcare.cache.memory import MemoryCache
from dietcare.cache.port import Cache
from dietcare.clock import Clock, SystemClock, new_id
from dietcare.domain.ids import IdFactory
from dietcare.erasure.keeper import Keeper
from dietcare.erasure.wiring import Erasing, erasing
from dietcare.foods.table import open_food_table
from dietcare.limits.port import UserLimits
from dietcare.limits.pseudonym import Pseudonyms
from dietcare.limits.wiring import open_limits
from dietcare.repositories.port import Backend
from dietcare.services.account import AccountService
from dietcare.services.audit import AuditService
from dietcare.services.food import FoodService
from dietcare.services.goal import GoalService
from dietcare.services.idempotency import IdempotencyService
from dietcare.services.meal import MealService
from dietcare.services.nutrition_analyzer import SIMULATED_MODEL, NutritionAnalyzer
from dietcare.services.owners import Owners, ProcessOwners
from dietcare.services.progress import ProgressService
from dietcare.services.session import SessionService
from dietcare.services.shielded import Shielded
from dietcare.services.streak import StreakService
from dietcare.settings import Settings
from dietcare.telemetry.metrics import Metrics
from dietcare.vision.port import PictureReader, VisionModel
from dietcare.vision.wiring import guarded, open_model, open_pictures


@dataclass(frozen=True, slots=True)
class Overrides:
    """Stands in for what the settings would choose."""

    backend: Backend | None = None
    vision: VisionModel | None = None
    pictures: PictureReader | None = None
    clock: Clock | None = None
    new_id: IdFactory = new_id


@dataclass(frozen=True, slots=True)
class App:
    """Everything that is served, not yet listening anywhere."""

    settings: Settings
    servicer: DietCareServicer
    interceptors: list[AsyncServerInterceptor]
    refusals: Refusals
    services: Services
    audit: AuditService
    keeper: Keeper
    backend: Backend
    metrics: Metrics
    health: Health


NO_OVERRIDES = Overrides()


@asynccontextmanager
async def build_app(settings: Settings, overrides: Overrides = NO_OVERRIDES) -> AsyncIterator[App]:
    """Wire the service; development and tests apply the migrations that are missing.

    Raises:
        DatabaseConnectionError: the database does not answer.
    """
    async with AsyncExitStack() as stack:
        clock = overrides.clock or SystemClock()
        metrics = Metrics()
        backend = overrides.backend
        if backend is None:
            backend = await stack.enter_async_context(storage(settings, clock))
        if settings.is_development:
            await backend.migrate()
        shared = _redis(settings, stack)
        cache = shared or _own_cache(settings)
        vision = overrides.vision
        if vision is None:
            vision = await stack.enter_async_context(open_model(settings))
        model = guarded(vision, settings, cache, metrics)
        pictures = overrides.pictures
        if pictures is None:
            pictures = await stack.enter_async_context(open_pictures(settings))
        ids, units = overrides.new_id, settings.limit_analyses_per_hour
        shielded = Shielded()
        owners = ProcessOwners()
        audit = AuditService(backend.repositories.audit, clock, shielded)
        erasure = _erasing(settings, backend, cache, audit, clock, ids, owners)
        await stack.enter_async_context(erasure.keeper.at_work())
        stored = erasure.stored
        sessions = SessionService(stored.sessions, clock, ids, units)
        limits = await stack.enter_async_context(
            open_limits(settings, stored.counters, sessions, clock, metrics, _pseudonyms(settings))
        )
        stack.push_async_callback(shielded.drain)
        foods = FoodService(await stack.enter_async_context(open_food_table(stored.foods)))
        services = _services(
            settings, overrides, clock, erasure, model, pictures, foods, limits.users, shielded
        )
        keys = IdempotencyService(stored.idempotency, clock, ids, owners)
        stack.push_async_callback(keys.aclose)
        once = IdempotencyInterceptor(keys, _done(services))
        access, fence = AccessInterceptor(audit), FenceInterceptor(erasure.fence)
        clients = ClientAddresses(settings.trusted_networks)
        token_keys = await stack.enter_async_context(_keys(settings, clock, metrics))
        verifier = TokenVerifier(
            token_keys,
            clock,
            issuer=settings.jwt_issuer,
            audience=settings.jwt_audience,
        )
        name = settings.vision_model if settings.openai_api_key else SIMULATED_MODEL
        yield App(
            settings=settings,
            servicer=DietCareServicer(services, settings.time_zone, _page_tokens(settings)),
            interceptors=chain(
                metrics,
                verifier,
                limits,
                clients,
                access,
                fence,
                once,
                settings.limit_calls_in_flight,
            ),
            refusals=Refusals(limits.addresses, clients, LimitsOfRefused(limits.users, verifier)),
            services=services,
            audit=audit,
            keeper=erasure.keeper,
            backend=backend,
            metrics=metrics,
            health=Health(Watched(backend, shared, name, vision.ping, token_keys.ready)),
        )


def _services(
    settings: Settings,
    overrides: Overrides,
    clock: Clock,
    erasure: Erasing,
    vision: VisionModel,
    pictures: PictureReader,
    foods: FoodService,
    limits: UserLimits,
    shielded: Shielded,
) -> Services:
    ids, stored = overrides.new_id, erasure.stored
    streaks = StreakService(stored.streaks, stored.meals, clock, ids, shielded)
    goals = GoalService(stored.goals, clock, ids)
    return Services(
        analyzer=NutritionAnalyzer(pictures, vision, foods, stored.analyses, clock, ids),
        meals=MealService(stored.meals, stored.analyses, streaks, clock, ids, stored.idempotency),
        goals=goals,
        progress=ProgressService(stored.meals, goals, clock, settings.default_ckd_stage),
        streaks=streaks,
        account=AccountService(stored, streaks, clock),
        eraser=erasure.eraser,
        foods=foods,
        limits=limits,
    )


def _done(services: Services) -> Mapping[str, Done]:
    """Of the limited RPCs that take idempotency keys: whether an earlier try has done it."""
    return {
        "LogMeal": services.meals.was_logged,
        "AnalyzeFood": services.analyzer.was_analyzed,
    }


def _own_cache(settings: Settings) -> Cache | None:
    """Where other processes write too, what this one remembers may be out of date."""
    return MemoryCache(time.monotonic) if settings.is_sole_process else None


@asynccontextmanager
async def storage(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Backend]:
    """The backend that the settings name, open until the block ends."""
    backend: Backend
    if settings.mongodb_uri is None:
        from dietcare.repositories.memory.backend import MemoryBackend

        backend = MemoryBackend()
    else:
        from dietcare.repositories.mongo.backend import MongoBackend

        backend = MongoBackend.open(
            settings.mongodb_uri.get_secret_value(),
            settings.mongodb_database,
            driver=settings.mongodb_driver.value,
            clock=clock,
        )
    try:
        yield backend
    finally:
        await backend.aclose()


def _redis(settings: Settings, stack: AsyncExitStack) -> Cache | None:
    if settings.redis_url is None:
        return None
    from dietcare.cache.redis import RedisCache

    cache = RedisCache.open(settings.redis_url.get_secret_value())
    stack.push_async_callback(cache.aclose)
    return cache


def _erasing(
    settings: Settings,
    backend: Backend,
    cache: Cache | None,
    audit: AuditService,
    clock: Clock,
    ids: IdFactory,
    owners: Owners,
) -> Erasing:
    """What erases users of the backend, and of the cache where there is one."""
    stored, forget = backend.repositories, None
    if cache is not None:
        goals = CachedGoalRepository(stored.goals, cache)
        stored, forget = replace(stored, goals=goals), goals.forget
    return erasing(
        stored,
        audit,
        clock,
        ids,
        owners,
        name_of=_pseudonyms(settings).of,
        on_begun=forget,
        is_shared=backend.is_shared,
    )


def _pseudonyms(settings: Settings) -> Pseudonyms:
    key = settings.page_token_key or settings.jwt_secret
    if key is None:
        raise AssertionError("the settings require a key where there is no secret")
    return Pseudonyms(key.get_secret_value())


def _page_tokens(settings: Settings) -> PageTokens:
    key = settings.page_token_key
    if key is not None:
        return PageTokens(key.get_secret_value().encode())
    if settings.jwt_secret is None:
        raise AssertionError("the settings require a key where there is no secret")
    return PageTokens.derived_from(settings.jwt_secret.get_secret_value())


@asynccontextmanager
async def _keys(settings: Settings, clock: Clock, metrics: Metrics) -> AsyncIterator[Keys]:
    if settings.jwt_jwks_url is not None:
        async with open_jwks(settings.jwt_jwks_url, settings.algorithms, clock) as keys:
            metrics.show_token_keys(lambda: keys.known_at_s)
            yield keys
        return
    key = settings.jwt_public_key
    if key is None:
        if settings.jwt_secret is None:
            raise AssertionError("the local environment or the operator gives the secret")
        key = settings.jwt_secret.get_secret_value()
    yield OneKey(key, settings.algorithms)
