from django.contrib.auth.models import AbstractUser
from django_scim.models import AbstractSCIMUserMixin
from mitol.common.models import TimestampedModel, UserGlobalIdMixin


class User(AbstractSCIMUserMixin, UserGlobalIdMixin, AbstractUser, TimestampedModel):
    pass
