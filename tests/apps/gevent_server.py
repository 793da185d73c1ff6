"""`python -m gevent_server MODULE:APPLICATION PORT` serves a WSGI application with gevent's own server."""

# ruff: noqa: E402 - gevent patches the standard library before anything else is imported
from gevent import monkey

monkey.patch_all()

import importlib
import sys

from gevent.pywsgi import WSGIServer

module, _, application = sys.argv[1].partition(":")
WSGIServer(("127.0.0.1", int(sys.argv[2])), getattr(importlib.import_module(module), application)).serve_forever()
