"""The least settings that Django Ninja serves with."""

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "ninja_app"
MIDDLEWARE: list[str] = []
USE_TZ = True
