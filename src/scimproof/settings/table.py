"""Table of the settings; options, environment, file, JSON Schema and `scimproof config` are derived from it.

A new option is a line here; the command gets it under its name. Those of packs for submissions are in
settings.every_setting: the pytest plugin has none, and projects that do not use it read no files for them.
"""

from __future__ import annotations

from scimproof.core.auth_modes import MODES
from scimproof.core.bounds import Range
from scimproof.settings.definition import Kind, Setting, setting

POSITIVE = Range(0.001, 1e6)

TARGET = (
    setting(
        "target", "url", "The SCIM base URL, like https://host/scim/v2; `embedded` is the embedded server.",
        kind=Kind.URL, option="--target", name="target", metavar="URL", example='"https://host/scim/v2"',
        also=("record",),
    ),
    setting(
        "target", "auth", "Authentication: bearer (default) and header send SCIMPROOF_TOKEN, with and "
        "without the word Bearer; basic sends SCIMPROOF_USER and SCIMPROOF_PASSWORD; oauth requests a token "
        "with SCIMPROOF_CLIENT_SECRET.",
        choices=tuple(MODES), metavar="KIND", example='"bearer"',
    ),
    setting(
        "target", "token_env", "The environment variable that holds the token, password or client secret.",
        kind=Kind.VARIABLE, option="", variable="", example='"STAGING_SCIM_TOKEN"',
    ),
    setting(
        "target", "token_file", "File with the token, password or client secret.",
        kind=Kind.FILE, example='"../scim-token"',
    ),
    setting(
        "target", "user", "User name for --auth basic.", option="", example='"scim"',
    ),
    setting(
        "target", "token_url", "OAuth2 token endpoint (client credentials).",
        metavar="URL", example='"https://host/oauth/token"',
    ),
    setting("target", "client_id", "OAuth2 client id.", metavar="ID", example='"scimproof"'),
    setting("target", "scope", "OAuth2 scope.", metavar="SCOPE", example='"scim"'),
    setting(
        "target", "ca_bundle", "PEM file with the CAs to trust.", kind=Kind.FILE, example='"ca.pem"',
        also=("record",),
    ),
    setting(
        "target", "client_cert", "Client certificate (PEM).", kind=Kind.FILE, example='"me.pem"',
        also=("record",),
    ),
    setting(
        "target", "client_key", "Key of the client certificate, if it is not in the same file.",
        kind=Kind.FILE, example='"me.key"', also=("record",),
    ),
    setting(
        "target", "insecure", "Accept any certificate; the report says so.", kind=Kind.FLAG, example="false",
        also=("record",),
    ),
    setting(
        "target", "headers", "Additional header, after the sender's own; for a secret use SCIMPROOF_HEADER, "
        "one a line, or --header-file.", kind=Kind.HEADERS,
        option="--header", metavar="'NAME: VALUE'", default=(),
        example='{ X-Tenant = "acme", X-Api-Key = { env = "STAGING_API_KEY" } }',
    ),
    setting(
        "target", "header_file", "File with additional headers, one a line: for values that are secret.",
        kind=Kind.FILE, example='"../scim-headers"',
    ),
    setting(
        "target", "timeout", "Time limit of one answer (as the sender: 60; 10 for the first).",
        kind=Kind.NUMBER, bounds=Range(0.1, 86_400), metavar="SECONDS", example="60",
    ),
    setting(
        "target", "groups", "Whether the app has groups: false skips everything about them, true makes a "
        "missing /Groups a failure; by default a run finds out.",
        kind=Kind.SWITCH, example="false",
    ),
    setting(
        "target", "other_token_env", "The environment variable that holds the token of another tenant of the "
        "same server, which must see and change nothing of this one (USER:PASSWORD with --auth basic, an "
        "access token with --auth oauth).",
        kind=Kind.VARIABLE, variable="", metavar="NAME", only=("run",), example='"OTHER_TENANT_TOKEN"',
    ),
)  # fmt: skip
RUN = (
    setting(
        "run", "sequences", "Sequences to run, by id or beginning of an id; all of the profile when empty.",
        kind=Kind.TEXTS, option="", name="ids", default=(), example='["<beginning>"]',
    ),
    setting(
        "run", "profile", "Sequences to run and requirements that count (`scimproof list` names profiles); "
        "of `run` also several, with commas between them.",
        metavar="NAME", example='"<profile>"',
        also=("explore", "replay", "doctor"),
    ),
    setting(
        "run", "out", "Folder for the reports.", kind=Kind.FOLDER, default="report", example='"report"',
        also=("explore", "replay"),
    ),
    setting(
        "run", "parallel", "Number of sequences that run concurrently.",
        kind=Kind.NUMBER, bounds=Range(1, 64, whole=True), default=4, metavar="N", example="4",
    ),
    setting(
        "run", "budget", "Time limit of the run, waits after 429 included.",
        kind=Kind.NUMBER, bounds=Range(1, 1e6), default=1800.0, metavar="SECONDS", example="1800",
        also=("replay",),
    ),
    setting(
        "run", "seed", "Random seed for generated users and groups.",
        kind=Kind.NUMBER, bounds=Range(0, 2**63, whole=True), default=1, metavar="N", example="1",
        also=("explore", "replay"),
    ),
    setting(
        "run", "include_inferred", "Also send inferred requests (grade D), which no source attests.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "run", "waivers", "File of known failures that do not count, each with reason, issue, owner and end.",
        kind=Kind.FILE, metavar="FILE", example='"waivers.toml"',
        also=("explore", "replay"),
    ),
    setting(
        "run", "baseline", "Fail only on what got worse since this report.json.",
        kind=Kind.FILE, metavar="REPORT.JSON", example='"baseline/report.json"',
        also=("explore", "replay"),
    ),
    setting(
        "run", "strict", "Exit with 1 also when a created resource stays on the target.",
        kind=Kind.FLAG, example="false",
        also=("explore", "replay"),
    ),
    setting(
        "run", "explore", "Explore histories for so long after the sequences; 0: not at all.",
        kind=Kind.NUMBER, bounds=Range(0, 1e6), variable="SCIMPROOF_EXPLORE", default=0.0, metavar="SECONDS",
        example="0",
    ),
)  # fmt: skip
LOAD = (
    setting(
        "load", "plan", "Load plan: the name of one that comes with scimproof, or a TOML file.",
        kind=Kind.PLAN, option="", example='"rollout"',
    ),
    setting(
        "load", "baseline", "Fail only on what got worse since this load.json.",
        kind=Kind.FILE, variable="SCIMPROOF_LOAD_BASELINE", metavar="LOAD.JSON",
        example='"baseline/load.json"',
    ),
    setting(
        "load", "mix", "Sequence and its weight relative to the others, in place of the plan's mix.",
        kind=Kind.WEIGHTS, name="mixes", metavar="ID[=WEIGHT]", default=(),
        example='{ "<sequence>" = 1 }',
    ),
    setting(
        "load", "profile", "Profile of the product under load (`scimproof list` names them).",
        variable="SCIMPROOF_LOAD_PROFILE", metavar="NAME", example='"<product>"',
    ),
    setting(
        "load", "rate", "Sequences per second (in the fastest stage of the plan).",
        kind=Kind.NUMBER, bounds=POSITIVE, metavar="N", example="10",
    ),
    setting(
        "load", "duration", "Measured time; of a plan made of a capture its busiest part of that length.",
        kind=Kind.NUMBER, bounds=POSITIVE, metavar="SECONDS", example="60",
    ),
    setting(
        "load", "step_duration", "Measured time of each step of --find-max.",
        kind=Kind.NUMBER, bounds=Range(1, 3600), default=20, metavar="SECONDS", example="20",
    ),
    setting(
        "load", "max_rate", "Highest rate that --find-max tries, in sequences per second; else 64 times the "
        "first.",
        kind=Kind.NUMBER, bounds=POSITIVE, metavar="N", example="500",
    ),
    setting(
        "load", "stages", "Stages in place of the plan's, each TIME:RATE, or TIME:RATE-RATE for a ramp, as "
        "30s:5,2m:5-20.",
        metavar="STAGES", example='"30s:5,2m:5-20"',
    ),
    setting(
        "load", "factor", "Number of arrivals for each recorded one, of a plan made of a capture.",
        kind=Kind.NUMBER, bounds=Range(0.001, 1000), metavar="N", example="2.5",
    ),
    setting(
        "load", "arrivals", "Spacing of arrivals.", choices=("constant", "poisson"), example='"poisson"',
    ),
    setting(
        "load", "prefill", "Number of users to create before measuring.",
        kind=Kind.NUMBER, bounds=Range(0, 1_000_000, whole=True), metavar="USERS", example="0",
    ),
    setting(
        "load", "closed", "Closed model: --users share the rate, each waiting for its answer.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "load", "users", "Number of concurrent users (with --closed).",
        kind=Kind.NUMBER, bounds=Range(1, 100_000, whole=True), metavar="N", example="10",
    ),
    setting(
        "load", "processes", "Number of generator processes on this machine.",
        kind=Kind.NUMBER, bounds=Range(1, 64, whole=True), default=1, metavar="N", example="1",
    ),
    setting(
        "load", "otlp", "Export metrics while the run goes on, over OTLP/HTTP to this collector; "
        "`env` for OTEL_EXPORTER_OTLP_ENDPOINT.",
        metavar="URL", example='"http://127.0.0.1:4318"',
    ),
    setting(
        "load", "prometheus", "Serve metrics to Prometheus on this port of 127.0.0.1, or on ADDRESS:PORT.",
        metavar="PORT", example='"9464"',
    ),
    setting(
        "load", "csv", "Also write load-series.csv, each second and operation, and load-summary.csv.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "load", "out", "Folder for load.json, load.html and load-junit.xml; of --find-max for "
        "capacity.json and the like.",
        kind=Kind.FOLDER, default="report", example='"report"',
    ),
    setting(
        "load", "strict", "Exit with 1 also when a created resource stays on the target.",
        kind=Kind.FLAG, example="false",
    ),
    setting(
        "load", "thresholds", "Thresholds that override those of the plan, in the same form.",
        kind=Kind.LIMITS, option="", variable="", default=None,
        example='{ "<sequence>/create" = { p95_ms = 500 } }',
    ),
    setting(
        "load", "abort_if", "Limits that end the run early, beside those of the plan, in the same form.",
        kind=Kind.LIMITS, option="", variable="", default=None,
        example='{ "*" = { errors = 0.5 } }',
    ),
)  # fmt: skip
EXPLORE = (
    setting(
        "explore", "actions", "Number of actions to play.",
        kind=Kind.NUMBER, bounds=Range(1, 1e7, whole=True), variable="SCIMPROOF_EXPLORE_ACTIONS",
        default=500, metavar="N", example="500",
    ),
    setting(
        "explore", "budget", "Time in which actions are begun; shrinking a failure may take longer.",
        kind=Kind.NUMBER, bounds=Range(1, 1e6), variable="SCIMPROOF_EXPLORE_BUDGET", default=300.0,
        metavar="SECONDS", example="300",
    ),
    setting(
        "explore", "at_once", "Number of actions that are done at the same time.",
        kind=Kind.NUMBER, bounds=Range(1, 16, whole=True), variable="SCIMPROOF_EXPLORE_AT_ONCE", default=1,
        metavar="N", example="1",
    ),
    setting(
        "explore", "shrink_requests", "Number of requests that shrinking one failure may take.",
        kind=Kind.NUMBER, bounds=Range(0, 1e6, whole=True), variable="SCIMPROOF_EXPLORE_SHRINK_REQUESTS",
        default=1500, metavar="N", example="1500",
    ),
)  # fmt: skip
RECORD = (
    setting(
        "record", "listen", "Address on which the sender reaches the proxy; port 0 picks a free one.",
        variable="", default="127.0.0.1:8484", metavar="ADDRESS:PORT", example='"127.0.0.1:8484"',
    ),
    setting(
        "record", "out", "Folder for the capture; each recording is a new file in it.",
        kind=Kind.FOLDER, variable="", default="capture", example='"capture"',
    ),
    setting(
        "record", "hide", "Header whose values are secret, beside those whose names say so; may be repeated.",
        kind=Kind.TEXTS, option="--hide", variable="", name="hidden", default=(), metavar="HEADER",
        example='["X-Tenant"]',
    ),
    setting(
        "record", "keep_host", "Send the sender's own Host header on, not the target's.",
        kind=Kind.FLAG, variable="", example="false",
    ),
    setting(
        "record", "listen_cert", "Certificate (PEM) of the proxy, for a sender that wants https.",
        kind=Kind.FILE, variable="", example='"proxy.pem"',
    ),
    setting(
        "record", "listen_key", "Its key, if it is not in the same file.",
        kind=Kind.FILE, variable="", example='"proxy.key"',
    ),
)  # fmt: skip
OBSERVER = (
    setting(
        "observer", "name", "Second source for what SCIM does not show: a described one (suites/observers), "
        "or a command that reads a question as JSON and prints JSON.",
        option="--observer", name="observer", variable="SCIMPROOF_OBSERVER", metavar="NAME|COMMAND",
        default="", example='"<product>"',
    ),
    setting(
        "observer", "command", "Words of the observer command; started without a shell.",
        kind=Kind.WORDS, option="", name="observer_command", variable="", default=(),
        example='["./can-log-in", "--realm", "staging"]',
    ),
    setting(
        "observer", "token_url", "OAuth2 token endpoint of the observer, if its description has none.",
        option="", name="observer_token_url", variable="", default="",
        example='"https://id.host/connect/token"',
    ),
    setting(
        "observer", "url", "Base URL of the observer, if its description has none.",
        option="", name="observer_url", variable="", default="", example='"https://api.host"',
    ),
    setting(
        "observer", "seconds", "Time limit of the observer command for one answer.",
        kind=Kind.NUMBER, bounds=Range(0.1, 600), option="", name="observer_seconds", variable="",
        default=30.0, example="30",
    ),
)  # fmt: skip
APP = (
    setting(
        "app", "user_name", "Format of the userName: the name of one, or a template of attributes of the "
        'profile, as "{firstName}.{lastName}". The prefix of the run is put before it.',
        option="", name="app_user_name", variable="", example='"<user-name>"',
    ),
    setting(
        "app", "actions", "What is enabled for the app, everything by default; sequences of what is not are "
        "not played.",
        kind=Kind.TEXTS, option="", name="app_actions", variable="", default=None, example="[<actions>]",
    ),
    setting(
        "app", "push_batch", "Members of a pushed group in one request.",
        kind=Kind.NUMBER, bounds=Range(1, 100_000, whole=True), option="", name="app_push_batch", variable="",
        example="<push-batch>",
    ),
    setting(
        "app", "mappings", "What is mapped, and to what: SCIM path = attribute of the profile, or "
        "{ fixed = value }. What the table does not name is not sent.",
        kind=Kind.MAPPINGS, option="", name="app_mappings", variable="", default=None,
        example="{ <mappings> }",
    ),
)  # fmt: skip

TABLE: tuple[Setting, ...] = (*TARGET, *APP, *RUN, *EXPLORE, *LOAD, *RECORD, *OBSERVER)
SECTIONS = {
    "target": "The server under test, and authentication: for run, explore, replay, load, doctor and "
    "clean; for record, how it is reached.",
    "app": "How your own app is set up at the identity provider; without it the documented default is sent.",
    "run": "Options of `scimproof run` and `pytest suites`; some of `scimproof explore` and `replay` too.",
    "explore": "Options of `scimproof explore`.",
    "load": "Options of `scimproof load`.",
    "record": "Options of `scimproof record`.",
    "observer": "Second source for what SCIM does not show.",
}


def in_table(command: str) -> tuple[Setting, ...]:
    """The settings of a command, but for those of packs for submissions."""
    return tuple(each for each in TABLE if command in each.commands)
