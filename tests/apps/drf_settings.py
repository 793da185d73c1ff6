"""The least settings that Django REST framework serves with."""

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "drf_app"
MIDDLEWARE: list[str] = []
USE_TZ = True
INSTALLED_APPS = ["rest_framework"]
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None}
