"""Django's settings for `shop.py`."""

from __future__ import annotations

SECRET_KEY = "for this test only"
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["rest_framework", "ninja"]
DATABASES = {}
USE_TZ = True
REST_FRAMEWORK = {"UNAUTHENTICATED_USER": None}
