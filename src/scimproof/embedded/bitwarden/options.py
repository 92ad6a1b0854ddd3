"""Options of the simulated Bitwarden: plan, seats, policies, server version."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TypeVar

ERAS = ("pre2025", "preDec2025", "preFeb2026", "preMay2026", "current")
PLANS = ("enterprise", "teams", "free")
HOSTINGS = ("cloud", "self")
DATABASES = ("sqlserver", "postgres", "mysql")
WITHOUT_SCIM = {"free"}

_CHOICES = {"era": ERAS, "plan": PLANS, "hosting": HOSTINGS, "database": DATABASES}
T = TypeVar("T")

_YES = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def _knob(default: T, what: str) -> T:
    made: T = field(default=default, metadata={"what": what})
    return made


@dataclass
class ServerOptions:
    """One field for each option (`--with KEY=VALUE`, with dashes); each can be changed at run time."""

    hosting: str = _knob(
        "cloud", "cloud: SCIM at /v2; self: at /scim/v2, behind a self-hosted server's proxy"
    )
    era: str = _knob(
        "current",
        "how old the server is: pre2025 (before 2025-02-13), preDec2025 (2025-12-03), preFeb2026 "
        "(2026-02-18), preMay2026 (2026-04-29), or current",
    )
    plan: str = _knob("enterprise", "enterprise, teams, or free, which has no SCIM")
    enabled: bool = _knob(default=True, what="whether the organization is enabled")
    scim: bool = _knob(default=True, what="whether provisioning is switched on")
    groups: bool = _knob(default=True, what="whether the organization may use groups")
    database: str = _knob(
        "sqlserver", "sqlserver (the cloud and the standard self-hosted server), postgres or mysql"
    )
    owners: int = _knob(1, "confirmed owners that are there from the start")
    provider: bool = _knob(
        default=False, what="whether a provider manages it, whose confirmed user counts as an owner"
    )
    seats: int | None = _knob(None, "how many members the subscription is for, owners too, or unlimited")
    autoscale: bool = _knob(
        default=True, what="whether seats are added when they are short (never with hosting=self)"
    )
    max_seats: int | None = _knob(None, "up to how many seats, or unlimited")
    two_step: bool = _knob(default=False, what="the policy that demands two-step login")
    single_organization: bool = _knob(default=False, what="the policy that forbids other organizations")
    staged: bool = _knob(default=False, what="members are staged, not invited")
    fail_fast: bool = _knob(default=False, what="the other way to invite: mail syntax checked, other texts")
    mail: bool = _knob(default=True, what="whether mail can be sent")
    invitation_hours: int = _knob(120, "how long an invitation is good for")
    api: bool = _knob(default=True, what="whether the organization has the Public API (UseApi)")
    events: bool = _knob(default=True, what="whether it has an event log (UseEvents)")
    event_delay: int = _knob(0, "seconds until an event is in the log (never with hosting=self)")
    reads_per_minute: int = _knob(200, "what the Public API allows one address: GET")
    writes_per_minute: int = _knob(60, "the same, everything else")
    writes_per_second: int = _knob(5, "the same, everything else in a second")

    def turn(self, name: str, value: object) -> None:
        """Set an option by its name on the command line; ValueError says what is wrong."""
        knob = FIELDS.get(name)
        if knob is None:
            raise ValueError(f"no knob is called {name!r}")
        setattr(self, knob.name, _value(name, knob, str(value).strip()))

    def since(self, era: str) -> bool:
        """Whether the server is newer than an era."""
        return ERAS.index(self.era) > ERAS.index(era)


FIELDS = {each.name.replace("_", "-"): each for each in dataclasses.fields(ServerOptions)}


def explained() -> dict[str, str]:
    """Each option with its description and default."""
    return {name: f"{each.metadata['what']} ({_shown(each.default)})" for name, each in FIELDS.items()}


def _shown(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value or "unlimited")


def _value(name: str, knob: dataclasses.Field[object], text: str) -> object:
    if name in _CHOICES:
        found = next((choice for choice in _CHOICES[name] if choice.lower() == text.lower()), None)
        if found is None:
            raise ValueError(f"{name} is one of {', '.join(_CHOICES[name])}, not {text!r}")
        return found
    if isinstance(knob.default, bool):
        if text.lower() not in _YES:
            raise ValueError(f"{name} is yes or no, not {text!r}")
        return _YES[text.lower()]
    if knob.default is None and text.lower() in ("none", "unlimited"):
        return None
    if not text.isdecimal():
        raise ValueError(f"{name} is a number from 0 on, not {text!r}")
    return int(text)
