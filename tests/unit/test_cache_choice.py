"""Which cache stands behind which settings."""

from pydantic import SecretStr

from dietcare.app import _own_cache
from dietcare.cache.memory import MemoryCache
from dietcare.settings import Settings

OPERATORS = Settings(_env_file=None, mongodb_uri=SecretStr("mongodb://db"))


def test_without_redis_on_the_operators_database_there_is_no_cache():
    assert _own_cache(OPERATORS) is None


def test_without_redis_the_sole_process_caches_in_its_memory():
    embedded = OPERATORS.completed({}, is_sole_process=True)
    for settings in (embedded, Settings(_env_file=None)):
        assert isinstance(_own_cache(settings), MemoryCache)
