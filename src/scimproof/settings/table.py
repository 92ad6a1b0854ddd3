"""Table of all settings; options, environment, file, JSON Schema and `scimproof config` are derived from it.

A new option is a line here; the command gets it under its name.
"""

from __future__ import annotations

from scimproof.core.bounds import Range
from scimproof.settings.definition import Kind, Setting, setting

POSITIVE = Range(0.001, 1e6)

TARGET = (
    setting(
        "target", "url", "The SCIM base URL, like https://host/scim/v2; `embedded` is the embedded server.",
        kind=Kind.URL, option="--target", name="target", metavar="URL", example='"https://host/scim/v2"',
    ),
    setting(
        "target", "auth", "How to be let in: bearer (default) and header send SCIMPROOF_TOKEN, with and "
        "without the word Bearer; basic sends SCIMPROOF_USER and SCIMPROOF_PASSWORD; oauth gets a token with "
        "SCIMPROOF_CLIENT_SECRET.",
        choices=("bearer", "header", "basic", "oauth"), metavar="KIND", example='"bearer"',
    ),
    setting(
        "target", "token_env", "The environment variable that holds the token, password or client secret.",
        kind=Kind.VARIABLE, option="", variable="", example='"STAGING_SCIM_TOKEN"',
    ),
    setting(
        "target", "token_file", "Read the token, password or client secret from here.",
        kind=Kind.FILE, example='"../scim-token"',
    ),
    setting(
        "target", "user", "The user name for basic.", option="", example='"scim"',
    ),
    setting(
        "target", "token_url", "OAuth2 token endpoint (client credentials).",
        metavar="URL", example='"https://host/oauth/token"',
    ),
    setting("target", "client_id", "OAuth2 client id.", metavar="ID", example='"scimproof"'),
    setting("target", "scope", "OAuth2 scope.", metavar="SCOPE", example='"scim"'),
    setting("target", "ca_bundle", "Trust the CAs in this PEM file.", kind=Kind.FILE, example='"ca.pem"'),
    setting(
        "target", "client_cert", "Show this client certificate (PEM).", kind=Kind.FILE, example='"me.pem"',
    ),
    setting(
        "target", "client_key", "The client certificate's key, if it is not in the same file.",
        kind=Kind.FILE, example='"me.key"',
    ),
    setting(
        "target", "insecure", "Accept any certificate; the report says so.", kind=Kind.FLAG, example="false",
    ),
    setting(
        "target", "headers", "Send this too, after Okta's own; a secret rather by SCIMPROOF_HEADER, one a "
        "line, or --header-file.", kind=Kind.HEADERS,
        option="--header", metavar="'NAME: VALUE'", default=(),
        example='{ X-Tenant = "acme", X-Api-Key = { env = "STAGING_API_KEY" } }',
    ),
    setting(
        "target", "header_file", "Send the headers in this file too, one a line: for values that are secret.",
        kind=Kind.FILE, example='"../scim-headers"',
    ),
    setting(
        "target", "timeout", "The longest an answer may take (60, as Okta; 10 for the first).",
        kind=Kind.NUMBER, bounds=Range(0.1, 86_400), metavar="SECONDS", example="60",
    ),
    setting(
        "target", "groups", "Whether the app has groups: false leaves out all that is about them, true makes "
        "a missing /Groups a failure; where nothing is said, a run finds out.",
        kind=Kind.SWITCH, example="false",
    ),
)  # fmt: skip
RUN = (
    setting(
        "run", "sequences", "The sequences to play, by id or beginning; all of the profile when empty.",
        kind=Kind.TEXTS, option="", name="ids", default=(), example='["okta.oin.user"]',
    ),
    setting(
        "run", "profile", "What to certify against (`scimproof list` names them).",
        default="okta", metavar="NAME", example='"okta-oin"',
    ),
    setting(
        "run", "out", "Where the reports go.", kind=Kind.FOLDER, default="report", example='"report"',
    ),
    setting(
        "run", "parallel", "Sequences played at a time.",
        kind=Kind.NUMBER, bounds=Range(1, 64, whole=True), default=4, metavar="N", example="4",
    ),
    setting(
        "run", "budget", "The longest the replay may take, waits after 429 included.",
        kind=Kind.NUMBER, bounds=Range(1, 1e6), default=1800.0, metavar="SECONDS", example="1800",
    ),
    setting(
        "run", "seed", "Which people are made up.",
        kind=Kind.NUMBER, bounds=Range(0, 2**63, whole=True), default=1, metavar="N", example="1",
    ),
    setting(
        "run", "include_inferred", "Play what Okta is only thought to send (grade D) too.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "run", "oin", "Also write the pack for an OIN submission: oin.html and oin.md.",
        kind=Kind.FLAG, name="pack", example="false",
    ),
    setting(
        "run", "waivers", "Known failures that do not count: who excuses what, why and until when.",
        kind=Kind.FILE, metavar="FILE", example='"waivers.toml"',
    ),
    setting(
        "run", "baseline", "Fail only on what got worse since this report.json.",
        kind=Kind.FILE, metavar="REPORT.JSON", example='"baseline/report.json"',
    ),
    setting(
        "run", "strict", "Exit 1 also where something that the run created stays on the target.",
        kind=Kind.FLAG, example="false",
    ),
)  # fmt: skip
LOAD = (
    setting(
        "load", "plan", "The plan to play: one that comes with scimproof, or a TOML file.",
        kind=Kind.PLAN, option="", example='"rollout"',
    ),
    setting(
        "load", "baseline", "Fail only on what got worse since this load.json.",
        kind=Kind.FILE, variable="SCIMPROOF_LOAD_BASELINE", metavar="LOAD.JSON",
        example='"baseline/load.json"',
    ),
    setting(
        "load", "mix", "Play this sequence, so often relative to the others, in place of the plan's.",
        kind=Kind.WEIGHTS, name="mixes", metavar="ID[=WEIGHT]", default=(),
        example='{ "okta.oin.user.create" = 1 }',
    ),
    setting(
        "load", "profile", "The product that is loaded (`scimproof list` names them).",
        variable="SCIMPROOF_LOAD_PROFILE", metavar="NAME", example='"bitwarden"',
    ),
    setting(
        "load", "rate", "Sequences per second (the highest of its stages).",
        kind=Kind.NUMBER, bounds=POSITIVE, metavar="N", example="10",
    ),
    setting(
        "load", "duration", "Measure for so long.",
        kind=Kind.NUMBER, bounds=POSITIVE, metavar="SECONDS", example="60",
    ),
    setting(
        "load", "arrivals", "How arrivals are spaced.", choices=("constant", "poisson"), example='"poisson"',
    ),
    setting(
        "load", "prefill", "Users that are there before.",
        kind=Kind.NUMBER, bounds=Range(0, 1_000_000, whole=True), metavar="USERS", example="0",
    ),
    setting(
        "load", "closed", "Closed model: --users share the rate, each one at a time.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "load", "users", "How many, for --closed.",
        kind=Kind.NUMBER, bounds=Range(1, 100_000, whole=True), metavar="N", example="10",
    ),
    setting(
        "load", "processes", "Workers on this machine.",
        kind=Kind.NUMBER, bounds=Range(1, 64, whole=True), default=1, metavar="N", example="1",
    ),
    setting(
        "load", "out", "Where load.json, load.html and load-junit.xml go.",
        kind=Kind.FOLDER, default="report", example='"report"',
    ),
    setting(
        "load", "strict", "Exit 1 also where something that the run created stays on the target.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "load", "thresholds", "Limits that stand above those of the plan, written as in a plan.",
        kind=Kind.LIMITS, option="", variable="", default=None,
        example='{ "okta.oin.user.create/create" = { p95_ms = 500 } }',
    ),
)  # fmt: skip
OBSERVER = (
    setting(
        "observer", "name", "Ask somebody beside SCIM: `bitwarden`, or a command that reads a question as "
        "JSON and prints JSON.",
        option="--observer", name="observer", variable="SCIMPROOF_OBSERVER", metavar="NAME|COMMAND",
        default="", example='"bitwarden"',
    ),
    setting(
        "observer", "command", "The words of such a command; no shell reads them.",
        kind=Kind.WORDS, option="", name="observer_command", variable="", default=(),
        example='["./can-log-in", "--realm", "staging"]',
    ),
    setting(
        "observer", "token_url", "Where the observer gets its access tokens, if its description cannot tell.",
        option="", name="observer_token_url", variable="", default="",
        example='"https://id.host/connect/token"',
    ),
    setting(
        "observer", "url", "Where the observer reads, if its description cannot tell.",
        option="", name="observer_url", variable="", default="", example='"https://api.host"',
    ),
    setting(
        "observer", "seconds", "The longest that the command may take for one answer.",
        kind=Kind.NUMBER, bounds=Range(0.1, 600), option="", name="observer_seconds", variable="",
        default=30.0, example="30",
    ),
)  # fmt: skip

SETTINGS: tuple[Setting, ...] = (*TARGET, *RUN, *LOAD, *OBSERVER)
SECTIONS = {
    "target": "The server under test, and how to be let in: for run, load, doctor and clean.",
    "run": "What `scimproof run` and `pytest suites` do.",
    "load": "What `scimproof load` does.",
    "observer": "Somebody to ask beside SCIM.",
}


def of(command: str) -> tuple[Setting, ...]:
    """The settings of a command, in the order of its --help."""
    return tuple(each for each in SETTINGS if command in each.commands)
