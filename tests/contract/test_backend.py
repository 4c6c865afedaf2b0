"""What a backend does beside storing."""


async def test_a_backend_answers(backend):
    await backend.ping()


async def test_a_backend_is_named(backend, kind):
    assert backend.name == ("memory" if kind == "memory" else "mongodb")


async def test_after_migrating_nothing_is_pending_and_nothing_is_done_again(backend):
    assert list(await backend.pending_migrations()) == []
    assert list(await backend.migrate()) == []


async def test_closing_twice_is_closing_once(open_backend):
    backend = open_backend()
    await backend.ping()
    await backend.aclose()
    await backend.aclose()


async def test_a_second_client_sees_what_the_first_has_stored(repositories, another, build, user):
    meal = build.meal(user)
    await repositories.meals.insert(user, meal)
    assert await another.repositories.meals.get(user, meal.id) == meal
    assert list(await another.pending_migrations()) == []
