"""Tornado handlers that raise after they have answered: `python tornado_twice_app.py PORT`."""

from __future__ import annotations

import asyncio
import sys

from tornado import web


class Finished(web.RequestHandler):
    """Answers 410, and raises a 404 that nobody is sent."""

    def get(self) -> None:
        self.set_status(410)
        self.finish("gone")
        raise web.HTTPError(404)


class Base(web.RequestHandler):
    """A class that serves itself, so that it is instrumented, and its subclass once more."""

    def get(self) -> None:
        raise web.HTTPError(404)


class Derived(Base):
    pass


class Plain(web.RequestHandler):
    def get(self) -> None:
        self.finish("plain")


async def main(port: int) -> None:
    routes = [("/finished", Finished), ("/derived", Derived), ("/base", Base), ("/plain", Plain)]
    web.Application(routes).listen(port, "127.0.0.1")
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
