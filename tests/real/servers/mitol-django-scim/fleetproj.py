import os
from mitol.scim.settings.scim import *
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fleetproj")
BASE = os.path.dirname(os.path.abspath(__file__))
SECRET_KEY = "fleet"; DEBUG = False; ALLOWED_HOSTS = ["*"]; USE_TZ = True
ROOT_URLCONF = "mitol.scim.urls"; DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django_scim", "fleetapp"]
MIDDLEWARE = ["fleetapp.auth.BearerMiddleware", "django_scim.middleware.SCIMAuthCheckMiddleware"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.path.join(BASE, "db.sqlite3"),
                         "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE",
                                     "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"}}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_USER_MODEL = "fleetapp.User"
SCIM_SERVICE_PROVIDER |= {"NETLOC": f"127.0.0.1:{os.environ.get('PORT', '23106')}", "SCHEME": "http"}


def __getattr__(name):  # lazy, so that this module is both the settings and the WSGI entry point
    if name == "application":
        from django.core.wsgi import get_wsgi_application
        return get_wsgi_application()
    raise AttributeError(name)
