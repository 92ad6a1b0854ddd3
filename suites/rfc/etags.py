"""Versions of resources: the tags that answers show, and reads and writes under a condition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import id_of, value_at

from .asks import is_error, refused, shows, unchanged
from .people import USER, create_user

TAG = re.compile(r'(W/)?"[\x21\x23-\x7e\x80-\uffff]*"')
FIRST, SECOND, THIRD, FOURTH = (f"{{{{prefix}}}} version {number}" for number in (1, 2, 3, 4))
CURRENT = "{{!user.etag}}"
OLD = "{{!user.old}}"
NAME = ("attr:displayName",)


def tag_of(exchange: Exchange | None) -> str:
    """The tag of a resource as an answer shows it: the ETag header, else meta.version; empty for none."""
    if exchange is None:
        return ""
    found = exchange.header("ETag") or value_at(exchange.json, "meta.version")
    return found if isinstance(found, str) else ""


def _in_header(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An ETag header; without one, but with meta.version, it is a warning."""
    expected = "an ETag header"
    if not exchange.ok:
        return cannot_tell(expected, exchange.summary())
    if found := exchange.header("ETag"):
        return held(expected, found)
    version = value_at(exchange.json, "meta.version")
    return (declined if version else broken)(expected, f"none; meta.version = {show(version)}")


def _in_meta(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = f"meta.version = {exchange.header('ETag') or 'a tag'}"
    if not exchange.ok or not isinstance(exchange.json, dict):
        return does_not_apply(f"it was answered without the resource: {exchange.status}")
    found, tag = value_at(exchange.json, "meta.version"), exchange.header("ETag")
    right = isinstance(found, str) and found and tag in (None, found)
    return held(expected) if right else broken(expected, f"meta.version = {show(found)}")


def _in_form(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "text in double quotes, with W/ before it if it is weak"
    found = [exchange.header("ETag"), value_at(exchange.json, "meta.version")]
    tags = [one for one in found if one is not None]
    if not exchange.ok or not tags:
        return does_not_apply("it shows no tag")
    wrong = [one for one in tags if not (isinstance(one, str) and TAG.fullmatch(one))]
    return broken(expected, show(wrong[0])) if wrong else held(expected, show(tags[0]))


TAGGED = (
    Check("rfc7644-3.14-header", _in_header),
    Check("rfc7644-3.14-version-there", _in_meta),
    Check("rfc9110-8.8.3-form", _in_form),
)


def _as_in(step: str) -> Check:
    """The tag is the one that this step showed, since nothing was changed."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now = tag_of(scene.exchange(step)), tag_of(exchange)
        if not before or not now:
            return cannot_tell("the same tag", f"no tag at {step} or now")
        return held(before) if before == now else broken(before, now)

    return Check("rfc7644-3.14-changes", ask)


def _other_than(step: str, change: str) -> Check:
    """The tag is another than the one that this step showed, since a change was accepted."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        before, now, write = tag_of(scene.exchange(step)), tag_of(exchange), scene.exchange(change)
        if write is None or not write.ok:
            return does_not_apply(f"{change} was not accepted")
        if not before or not now:
            return cannot_tell("another tag", f"no tag at {step} or now")
        expected = f"another tag than {before}"
        return held(expected, now) if before != now else broken(expected, now)

    return Check("rfc7644-3.14-changes", ask)


def _not_modified(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "304 without a body"
    right = exchange.status == 304 and not exchange.error and not exchange.body
    return held(expected) if right else broken(expected, exchange.summary())


def _tag_with_304(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "an ETag header"
    if exchange.status != 304:
        return does_not_apply(f"it was not answered 304: {exchange.status}")
    if found := exchange.header("ETag"):
        return held(expected, found)
    shown = scene.exchange("read")
    without = shown is not None and shown.header("ETag") is None and tag_of(shown)
    return (declined if without else broken)(expected, "none")


def _comes(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "200 with the resource"
    right = exchange.status == 200 and not exchange.error and id_of(exchange.json) == scene.blanks["user.id"]
    return held(expected) if right else broken(expected, exchange.summary())


def _read(id: str, *checks: Check, save: str = "", given: bool = False) -> Step:
    gate = Check("rfc7644-3.4.1-resource-itself", answers(200), gate=True)
    return Step(
        id=id,
        request="rfc/user-get.http",
        independent=not given,
        given=given,
        checks=checks or (gate,),
        save={save: "etag:"} if save else {},
    )


def _get_unless(id: str, condition: str, *checks: Check) -> Step:
    return Step(
        id=id,
        request="rfc/user-get-if-none-match.http",
        blanks={"condition": condition},
        independent=True,
        checks=checks,
    )


def _body(name: str) -> str:
    return USER.replace("{{user.displayName}}", name)


def _write(method: str, id: str, condition: str, value: Json, *checks: Check) -> Step:
    """A write with If-Match: by PUT or PATCH of the displayName, or a DELETE."""
    blanks = {"condition": condition}
    if method == "put":
        blanks["body"] = _body(str(value))
    if method == "patch":
        blanks["operations"] = (
            '[{"op":"replace","path":"displayName","value":'
            + (value if value == "{}" else f'"{value}"')
            + "}]"
        )
    return Step(
        id=id,
        request=f"rfc/user-{method}-if-match.http",
        blanks=blanks,
        independent=True,
        checks=checks,
        needs=("patch", *NAME) if method == "patch" else (),
    )


def stale(*, harmful: bool = True, wrong_body: bool = False) -> Ask:
    """412; 409 is understood, as is 400 for a wrong body, since either may be told first."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if wrong_body and exchange.status == 400 and not exchange.error:
            return held("412 or 400", "400")
        judged = refused(412, understood=(409,), harmful=harmful)(scene, exchange)
        if judged.held and exchange.body and not is_error(exchange.json):
            return declined("412 with an Error", exchange.summary())
        return judged

    return ask


def _not_done(step: str, before: str) -> Check:
    """That write, whose condition failed, has changed nothing."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        write = scene.exchange(step)
        if write is None:
            return does_not_apply(f"{step} was not sent")
        return unchanged(before)(scene, exchange)

    return Check("rfc9110-13.1.1-not-done", ask)


def _is_weak(scene: ExecutionContext) -> bool:
    return scene.blanks.get("user.etag", "").startswith("W/")


def holds(wanted: Ask) -> Ask:
    """A write whose condition holds is done; a weak tag may be refused (RFC 9110 section 13.1.1)."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status == 412 and _is_weak(scene):
            return does_not_apply("a weak tag does not match in If-Match here")
        return wanted(scene, exchange)

    return ask


def _weak(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What a weak tag in If-Match does: told, not judged."""
    expected = "accepted or refused"
    if not _is_weak(scene):
        return does_not_apply("the tag is a strong one")
    if exchange.ok or exchange.status == 412:
        return held(expected, "accepted" if exchange.ok else "refused")
    return (grave if exchange.error or exchange.status >= 500 else broken)(expected, exchange.summary())


def _done(step: str, name: str, requirement: str = "rfc7644-3.14-current") -> Check:
    """The write of that step is done, if it was accepted."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        write = scene.exchange(step)
        if write is None or not write.ok:
            return does_not_apply(f"{step} was not accepted")
        return shows({"displayName": name})(scene, exchange)

    return Check(requirement, ask)


def _optional(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a write without a condition done"
    told = "428: a condition is wanted" if exchange.status == 428 else exchange.summary()
    return held(expected) if exchange.ok else broken(expected, told)


def _still_there(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    delete = scene.exchange("stale-delete")
    if delete is None or delete.ok:
        return does_not_apply("stale-delete was accepted, which that step has told")
    return unchanged("none-match-after")(scene, exchange)


def _without_condition() -> Step:
    return Step(
        id="without",
        request="rfc/user-put.http",
        blanks={"body": _body("{{prefix}} version 9")},
        independent=True,
        checks=(Check("rfc7644-3.14-optional", _optional),),
    )


def _shown() -> Iterator[Step]:
    create = create_user(checks=(Check("rfc7644-3.3-create-201", answers(201), gate=True), *TAGGED))
    yield replace(create, save={"user.old": "etag:"})
    yield _read("read", *TAGGED)
    yield _read("stable", _as_in("read"))
    put = Step(
        id="put",
        request="rfc/user-put.http",
        blanks={"body": _body(FIRST)},
        independent=True,
        checks=(Check("rfc7644-3.5.1-put-200", answers(200)), *TAGGED),
    )
    yield put
    yield _read("replaced", _other_than("stable", "put"))
    patch = Step(
        id="patch",
        request="rfc/user-patch.http",
        blanks={"operations": f'[{{"op":"replace","path":"displayName","value":"{SECOND}"}}]'},
        independent=True,
        checks=TAGGED,
        needs=("patch", *NAME),
    )
    yield patch
    yield replace(_read("changed", _other_than("replaced", "patch")), needs=patch.needs)
    again = f'[{{"op":"add","path":"displayName","value":"{SECOND}"}}]'
    yield replace(patch, id="same", blanks={"operations": again}, checks=TAGGED[:1])
    yield replace(_read("untouched", _as_in("changed")), needs=patch.needs, save={"user.etag": "etag:"})
    now = _read("now", *TAGGED[:1], save="user.etag")
    yield replace(now, save={"user.etag": "etag:", "user.other": "etag:other"})
    modified = Check("rfc7644-3.14-not-modified", _not_modified)
    with_tag = Check("rfc9110-15.4.5-etag", _tag_with_304)
    yield _get_unless("not-modified", CURRENT, modified, with_tag)
    yield _get_unless("other-form", "{{!user.other}}", Check("rfc9110-13.1.2-weak", _not_modified), with_tag)
    yield _get_unless("one-of-list", f'"{{{{prefix}}}}", {CURRENT}', modified, with_tag)
    yield _get_unless("any", "*", modified, with_tag)
    yield _get_unless("modified", OLD, Check("rfc7644-3.14-modified", _comes))


def _conditional() -> Iterator[Step]:
    yield replace(create_user(), save={"user.old": "etag:"})
    change = Step(
        id="change",
        request="rfc/user-put.http",
        blanks={"body": _body(FIRST)},
        given=True,
        checks=(Check("rfc7644-3.5.1-put-200", answers(200), gate=True),),
    )
    yield change
    yield _read("before", save="user.etag", given=True)
    refusal = Check("rfc7644-3.14-stale", stale())
    yield _write("put", "stale-put", OLD, SECOND, refusal)
    yield _read("stale-put-after", _not_done("stale-put", "before"))
    yield _write("patch", "stale-patch", OLD, SECOND, refusal)
    yield _read("stale-patch-after", _not_done("stale-patch", "stale-put-after"))
    wrong = Check("rfc7644-3.14-stale", stale(wrong_body=True))
    yield _write("patch", "stale-wrong", OLD, "{}", wrong)
    yield _read("stale-wrong-after", _not_done("stale-wrong", "stale-patch-after"))
    yield _write("put", "stale-same", OLD, FIRST, refusal)
    yield _read("stale-same-after", _not_done("stale-same", "stale-wrong-after"), save="user.etag")
    current = Check("rfc7644-3.14-current", holds(answers(200, 204)))
    weak = Check("rfc9110-13.1.1-strong", _weak)
    yield _write("put", "current-put", CURRENT, SECOND, current, weak)
    yield _read("current-put-after", _done("current-put", SECOND), save="user.etag")
    yield _write("patch", "current-patch", CURRENT, THIRD, current, weak)
    yield _read("current-patch-after", _done("current-patch", THIRD), save="user.etag")
    star = Check("rfc9110-13.1.1-star", answers(200, 204))
    yield _write("put", "any", "*", FOURTH, star)
    yield _read("any-after", _done("any", FOURTH, "rfc9110-13.1.1-star"), save="user.etag")
    listed = Check("rfc9110-13.1.1-star", holds(answers(200, 204)))
    yield _write("put", "list", f'"{{{{prefix}}}}", {CURRENT}', FIRST, listed)
    yield _read("list-after", _done("list", FIRST, "rfc9110-13.1.1-star"), save="user.etag")
    first = Check("rfc9110-13.1.1-first", stale())
    yield _write("put", "nonsense", '"{{prefix}}-nonsense"', SECOND, first)
    yield _read("nonsense-after", Check("rfc9110-13.1.1-first", unchanged("list-after")), save="user.etag")
    yield replace(
        _write("put", "none-match", "*", SECOND, Check("rfc9110-13.2.2-none-match", stale())),
        request="rfc/user-put-if-none-match.http",
    )
    yield _read(
        "none-match-after", Check("rfc9110-13.2.2-none-match", unchanged("nonsense-after")), save="user.etag"
    )
    delete = Check("rfc7644-3.14-stale-delete", stale(harmful=False))
    yield _write("delete", "stale-delete", OLD, None, delete)
    yield _read("stale-delete-after", Check("rfc9110-13.1.1-not-done", _still_there))
    yield _without_condition()
    yield _read(
        "without-after", _done("without", "{{prefix}} version 9", "rfc7644-3.14-optional"), save="user.etag"
    )
    gone = Check("rfc7644-3.14-current", _deleted)
    yield _write("delete", "current-delete", CURRENT, None, gone, weak)


def _deleted(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    delete = scene.exchange("stale-delete")
    if exchange.status in (404, 410) and delete is not None and delete.ok:
        return does_not_apply("stale-delete has removed it")
    return holds(answers(204, 200))(scene, exchange)


SEQUENCES = (
    Sequence(
        id="rfc.etag.shown",
        title="Tags of resources",
        source="RFC 7644 section 3.14; RFC 9110 sections 8.8.3 and 13.1.2",
        needs=("etag",),
        people={"user": "plain"},
        steps=tuple(_shown()),
    ),
    Sequence(
        id="rfc.etag.conditional",
        title="Writes under a condition",
        source="RFC 7644 section 3.14; RFC 9110 sections 13.1 and 13.2",
        needs=("etag",),
        people={"user": "plain"},
        steps=tuple(_conditional()),
    ),
)
