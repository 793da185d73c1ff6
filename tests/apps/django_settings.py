"""The least settings that Django serves with."""

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "django_app"
MIDDLEWARE: list[str] = []
USE_TZ = True
