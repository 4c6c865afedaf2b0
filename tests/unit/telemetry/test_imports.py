"""What the command imports before it has said how much gRPC's core may print."""

import subprocess
import sys


def test_the_command_is_loaded_without_grpc():
    """Else the core's own lines, one for each handshake that fails, stand in the log."""
    loaded = "import sys, dietcare.cli; sys.exit('grpc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded]).returncode == 0
