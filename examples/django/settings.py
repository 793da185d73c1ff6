"""Found through DJANGO_SETTINGS_MODULE, which `run` sets: OpenTelemetry reads the settings before your code does."""

ALLOWED_HOSTS = ["*"]
# OpenTelemetry puts its own middleware in front of these.
MIDDLEWARE = ["shop.authenticate"]
ROOT_URLCONF = "shop"
SECRET_KEY = "an example keeps no secrets"
