"""A home with sample data, and a mail server that delivers to nobody."""

from elite_lib.demo.catcher import Catcher, Delivery, deliveries
from elite_lib.demo.facts import DemoFacts, ExpectedLine, ExpectedProblem, ExpectedStatement, MonthFacts
from elite_lib.demo.generator import build, generate
from elite_lib.demo.homes import DemoHome, catcher_for, make_home
from elite_lib.demo.households import Profile

__all__ = [
    "Catcher",
    "Delivery",
    "DemoFacts",
    "DemoHome",
    "ExpectedLine",
    "ExpectedProblem",
    "ExpectedStatement",
    "MonthFacts",
    "Profile",
    "build",
    "catcher_for",
    "deliveries",
    "generate",
    "make_home",
]
