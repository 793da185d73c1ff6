"""Settings with an authentication middleware."""

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "identity_django_app"
MIDDLEWARE = ["identity_django_app.authenticate"]
USE_TZ = True
