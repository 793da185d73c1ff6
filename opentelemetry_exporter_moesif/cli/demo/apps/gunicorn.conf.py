"""Gunicorn reads this file because it lies in the working directory. Names that a version does not know are ignored."""

from __future__ import annotations

workers = 1
threads = 4
loglevel = "warning"
# Newer versions would leave a socket in the home directory.
control_socket_disable = True
