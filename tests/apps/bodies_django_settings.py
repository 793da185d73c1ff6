"""Settings with a middleware of the application's own."""

SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "bodies_django_app"
MIDDLEWARE = ["bodies_django_app.reject"]
USE_TZ = True
