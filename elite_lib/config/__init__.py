"""The home's settings: find the home, read ``elite.toml``, write single values back.

``elite.example.toml`` is the one place that holds the default values and the default wording:
a key that a home's file lacks has the example's value.
"""

from elite_lib.config.home import Home, create_home, example, find_home, usual_home
from elite_lib.config.reading import DataSettings, Settings, load, parse
from elite_lib.config.saving import Changes, changed, save

__all__ = [
    "Changes",
    "DataSettings",
    "Home",
    "Settings",
    "changed",
    "create_home",
    "example",
    "find_home",
    "load",
    "parse",
    "save",
    "usual_home",
]
