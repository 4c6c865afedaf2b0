"""Settings: from the environment and `.env`, and refused all at once where wrong."""

from pathlib import Path

import pytest

from dietcare.domain.goal import CkdStage
from dietcare.settings import Environment, MongoDriver, Settings, UnknownFields
from dietcare.settings.load import unknown_variables


def test_development_needs_no_setting(loaded):
    settings = loaded()

    assert (settings.env, settings.is_development) == (Environment.DEVELOPMENT, True)
    assert (settings.grpc_address, settings.http_address) == ("127.0.0.1:50051", "127.0.0.1:8080")
    assert (settings.mongodb_uri, settings.redis_url, settings.jwt_secret) == (None, None, None)
    assert (settings.data_dir, settings.mongodb_driver) == (Path(".dietcare"), MongoDriver.MOTOR)
    assert (settings.time_zone, settings.default_ckd_stage) == ("Asia/Seoul", CkdStage.THREE)
    assert settings.algorithms == ("HS256",)
    assert settings.image_allowed_hosts == ()
    assert settings.gateway_unknown_fields is UnknownFields.REFUSE
    assert settings.limit_analyses_per_hour == settings.limit_goal_updates_per_day == 10
    assert settings.limit_meals_per_day == 50


def test_settings_come_from_the_environment(loaded):
    settings = loaded(
        DIETCARE_ENV="staging",
        DIETCARE_HTTP_ADDRESS="",
        DIETCARE_GRPC_ADDRESS="[::]:50051",
        DIETCARE_IMAGE_ALLOWED_HOSTS=" img.example.com , *.cdn.example,,",
        DIETCARE_DEFAULT_CKD_STAGE="5",
        DIETCARE_LIMIT_MEALS_PER_DAY="5",
        DIETCARE_MONGODB_URI="",
        DIETCARE_JWT_ISSUER="",
        DIETCARE_REFLECTION="false",
        OPENAI_API_KEY="sk-1",
        OPENAI_BASE_URL="https://vision.example/v1",
    )

    assert (settings.http_address, settings.grpc_address) == ("", "[::]:50051")
    assert settings.image_allowed_hosts == ("img.example.com", "*.cdn.example")
    assert (settings.default_ckd_stage, settings.limit_meals_per_day) == (CkdStage.FIVE, 5)
    assert (settings.mongodb_uri, settings.jwt_issuer, settings.reflection) == (None, None, False)
    assert settings.openai_api_key.get_secret_value() == "sk-1"
    assert settings.openai_base_url == "https://vision.example/v1"
    assert not settings.is_development


def test_settings_come_from_env_and_the_environment_goes_first(loaded, nowhere):
    (nowhere / ".env").write_text("DIETCARE_LIMIT_MEALS_PER_DAY=7\nDIETCARE_TIME_ZONE=Asia/Tokyo\n")

    settings = loaded(DIETCARE_TIME_ZONE="UTC")

    assert (settings.limit_meals_per_day, settings.time_zone) == (7, "UTC")


def test_an_env_file_that_is_no_text_is_one_readable_error(wrong, nowhere):
    (nowhere / ".env").write_bytes(b"DIETCARE_TIME_ZONE=\xff\xfe\n")

    assert set(wrong()) == {".env"}


def test_everything_that_is_wrong_is_said_at_once(wrong):
    said = wrong(
        DIETCARE_ENV="prod",
        DIETCARE_GRPC_ADDRESS="50051",
        DIETCARE_HTTP_ADDRESS="localhost:99999",
        DIETCARE_ADMIN_ADDRESS=":",
        DIETCARE_TIME_ZONE="Seoul",
        DIETCARE_DEFAULT_CKD_STAGE="6",
        DIETCARE_MONGODB_DRIVER="mongoose",
        DIETCARE_LIMIT_ANALYSES_PER_HOUR="0",
        DIETCARE_LIMIT_MEALS_PER_DAY="many",
        DIETCARE_REFLECTION="perhaps",
        DIETCARE_LOG_LEVEL="loud",
        DIETCARE_GATEWAY_UNKNOWN_FIELDS="maybe",
        DIETCARE_JWT_SECRET="short",
        DIETCARE_JWT_ALGORITHMS="HS256,none",
    )

    assert set(said) == {
        "DIETCARE_ENV",
        "DIETCARE_GRPC_ADDRESS",
        "DIETCARE_HTTP_ADDRESS",
        "DIETCARE_ADMIN_ADDRESS",
        "DIETCARE_TIME_ZONE",
        "DIETCARE_DEFAULT_CKD_STAGE",
        "DIETCARE_MONGODB_DRIVER",
        "DIETCARE_LIMIT_ANALYSES_PER_HOUR",
        "DIETCARE_LIMIT_MEALS_PER_DAY",
        "DIETCARE_REFLECTION",
        "DIETCARE_LOG_LEVEL",
        "DIETCARE_GATEWAY_UNKNOWN_FIELDS",
        "DIETCARE_JWT_SECRET",
        "DIETCARE_JWT_ALGORITHMS",
    }
    assert "production" in said["DIETCARE_ENV"]
    assert said["DIETCARE_TIME_ZONE"] == "is no IANA time zone"
    assert said["DIETCARE_GRPC_ADDRESS"] == "must be HOST:PORT"
    assert said["DIETCARE_HTTP_ADDRESS"] == "must have a port from 0 to 65535"
    assert "32" in said["DIETCARE_JWT_SECRET"]


def test_an_unknown_variable_is_named_with_the_nearest_setting():
    environment = {
        "DIETCARE_REDIS_URI": "redis://x",
        "DIETCARE_ZZZZZZZZ": "1",
        "DIETCARE_OPENAI_API_KEY": "sk",
        "DIETCARE_ENV": "development",
        "OPENAI_ORG": "x",
        "PATH": "/bin",
    }

    assert list(unknown_variables(environment)) == [
        "DIETCARE_OPENAI_API_KEY is no setting; did you mean OPENAI_API_KEY?",
        "DIETCARE_REDIS_URI is no setting; did you mean DIETCARE_REDIS_URL?",
        "DIETCARE_ZZZZZZZZ is no setting",
    ]


@pytest.mark.parametrize("field", sorted(Settings.model_fields))
def test_every_setting_is_described(field):
    assert Settings.model_fields[field].description
