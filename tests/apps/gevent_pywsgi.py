"""A WSGI application, Flask's routes unless another is named, under gevent's own server.

`python gevent_pywsgi.py PORT [MODULE:APPLICATION]`
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402 - gevent comes first
from importlib import import_module  # noqa: E402

from gevent.pywsgi import WSGIServer  # noqa: E402

if __name__ == "__main__":
    module, _, application = (sys.argv[2] if len(sys.argv) > 2 else "flask_app:app").partition(":")
    WSGIServer(("127.0.0.1", int(sys.argv[1])), getattr(import_module(module), application)).serve_forever()
