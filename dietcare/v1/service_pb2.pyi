from dietcare.v1 import account_pb2 as _account_pb2
from dietcare.v1 import analysis_pb2 as _analysis_pb2
from dietcare.v1 import food_pb2 as _food_pb2
from dietcare.v1 import goal_pb2 as _goal_pb2
from dietcare.v1 import meal_pb2 as _meal_pb2
from dietcare.v1 import progress_pb2 as _progress_pb2
from dietcare.v1 import quota_pb2 as _quota_pb2
from dietcare.v1 import streak_pb2 as _streak_pb2
from gateway.v1 import annotations_pb2 as _annotations_pb2
from google.api import annotations_pb2 as _annotations_pb2_1
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor
