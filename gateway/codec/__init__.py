"""JSON and protobuf, both ways, strictly and fast."""

from gateway.codec.compiled import OMIT, Convert
from gateway.codec.decode import Decode, Decoders
from gateway.codec.encode import Encoders
from gateway.codec.json_text import parse

__all__ = ["OMIT", "Convert", "Decode", "Decoders", "Encoders", "parse"]
