"""What development starts for itself: `make run`, the tests and the commands share this."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import structlog
from pydantic import SecretStr

from dietcare.local.datadir import DataDirectory
from dietcare.local.mongod import embedded_mongod, find_mongod
from dietcare.local.simulator import serve_simulator
from dietcare.services.nutrition_analyzer import SIMULATED_MODEL
from dietcare.settings import Settings

_log = structlog.get_logger("dietcare.local")

MONGODB = "mongodb"


@asynccontextmanager
async def local_environment(settings: Settings, *, serving: bool = True) -> AsyncIterator[Settings]:
    """Start what the settings leave open, and yield the settings with it filled in.

    A command that does not serve uses the mongod of the service that runs on the same directory.

    Raises:
        DataDirectoryError: the directory can not be used, or another service uses it.
        EmbeddedServerError: mongod did not start.
    """
    async with AsyncExitStack() as stack:
        found: dict[str, object] = {}
        if not settings.has_token_key:
            found["jwt_secret"] = SecretStr(DataDirectory(settings.data_dir).secret())
        if settings.mongodb_uri is None:
            uri = await _mongodb(settings, stack, serving=serving)
            found["mongodb_uri"] = SecretStr(uri) if uri else None
        if serving and settings.openai_api_key is None and settings.openai_base_url is None:
            simulator = serve_simulator([settings.simulator_mode])
            found["openai_base_url"] = await stack.enter_async_context(simulator)
            found["vision_model"] = SIMULATED_MODEL
        # A command may use the mongod of the service that runs; the service's own is nobody else's.
        is_sole_process = serving and settings.mongodb_uri is None
        yield settings.completed(found, is_sole_process=is_sole_process)


async def _mongodb(settings: Settings, stack: AsyncExitStack, *, serving: bool) -> str | None:
    binary = find_mongod()
    if binary is None:
        _log.warning(
            "no mongod for this platform: everything is kept in memory and LOST when the service "
            "stops; set DIETCARE_MONGODB_URI to keep it"
        )
        return None
    directory = DataDirectory(settings.data_dir)
    running = directory.running()
    if not serving and running and MONGODB in running:
        return running[MONGODB]
    stack.enter_context(directory.lock())
    uri = await stack.enter_async_context(
        embedded_mongod(directory.path, binary, log=lambda line: _log.warning(line))
    )
    stack.enter_context(directory.publish({MONGODB: uri}))
    return uri
