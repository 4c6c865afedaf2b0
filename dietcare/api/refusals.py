"""What interceptors do for every call, done for those that a gateway refuses before them."""

from dietcare.api.addresses import ClientAddresses
from dietcare.api.call import limit_metadata
from dietcare.api.interceptors.limit_headers import LimitsOfRefused
from dietcare.api.status import status_of
from dietcare.domain.quota import LimitStatus
from dietcare.errors import IPLimitExceededError
from dietcare.limits.address import AddressLimit
from dietcare.messages import language_of
from gateway import Refused, RpcFailure

Told = tuple[tuple[str, str | bytes], ...]


class Refusals:
    """Counts refused requests by address, and tells what is left to their callers.

    An `addresses` of None counts nothing.
    """

    def __init__(
        self, addresses: AddressLimit | None, clients: ClientAddresses, limits: LimitsOfRefused
    ) -> None:
        self._addresses = addresses
        self._clients = clients
        self._limits = limits

    async def refused(self, refused: Refused) -> Told:
        """Metadata for the answer to a refused request.

        Raises:
            RpcFailure: its address has called too often; this is the answer then.
        """
        try:
            if self._addresses is not None:
                await self._addresses.take(self._clients.of_call(refused.peer, refused.metadata))
        except IPLimitExceededError as error:
            said = dict(refused.metadata)
            language = language_of(_text(said.get("accept-language")), None)
            status = status_of(error, language, refused.request_id)
            told = limit_metadata(LimitStatus(error.limit, 0, error.reset_at))
            raise RpcFailure(status, tuple(told)) from error
        if refused.method is None:
            return ()
        return await self._limits.metadata(refused.method.name, refused.metadata)


def _text(value: str | bytes | None) -> str | None:
    return value if isinstance(value, str) else None
