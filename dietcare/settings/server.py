"""Where the process listens, and how it speaks."""

from pydantic import Field

from dietcare.settings.values import (
    Address,
    Environment,
    Group,
    LogLevel,
    OptionalAddress,
    UnknownFields,
)


class ServerSettings(Group):
    """The process and its ports."""

    env: Environment = Field(Environment.DEVELOPMENT, description="Where the service runs.")
    grpc_address: Address = Field("127.0.0.1:50051", description="Where gRPC listens, HOST:PORT.")
    http_address: OptionalAddress = Field(
        "127.0.0.1:8080",
        description="Where REST listens, HOST:PORT; empty for no gateway in this process.",
    )
    admin_address: OptionalAddress = Field(
        "",
        description="Where detailed health and metrics are served alone, HOST:PORT; required in "
        "production, beside REST where empty.",
    )
    gateway_unknown_fields: UnknownFields = Field(
        UnknownFields.REFUSE, description="What REST does with unknown names: refuse or ignore."
    )
    reflection: bool = Field(True, description="Whether gRPC server reflection is served.")
    log_level: LogLevel = Field(LogLevel.INFO, description="From which level on lines are logged.")
