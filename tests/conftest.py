"""Settings that all tests share."""

from hypothesis import settings

# How fast an example runs says nothing on a shared machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
