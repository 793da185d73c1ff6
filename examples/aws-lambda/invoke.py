"""Stands for Lambda's runtime: imports the handler that _HANDLER names and calls it once with event.json."""

import importlib
import json
import os
from pathlib import Path
from types import SimpleNamespace

module, _, name = os.environ["_HANDLER"].rpartition(".")
context = SimpleNamespace(
    function_name="shop",
    aws_request_id="8476a536-e9f4-11e8-9739-2dfe598c3fcd",
    invoked_function_arn="arn:aws:lambda:eu-central-1:123456789012:function:shop",
)
handler = getattr(importlib.import_module(module), name)
print(json.dumps(handler(json.loads(Path("event.json").read_text()), context)))
