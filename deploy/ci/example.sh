#!/bin/sh
# Any other CI: put SCIMPROOF_TOKEN into the job's environment from its store of secrets, keep the folder `report`
# as the job's artefact also when it fails, show report/junit.xml as its tests. Adapt the two addresses.
set -eu
: "${SCIMPROOF_CI_SOURCE:=https://git.example.com/scimproof.git}"
: "${SCIMPROOF_CI_REF:=v0.1.0}"
: "${SCIMPROOF_CI_OUT:=report}"
export SCIMPROOF_CI_OUT SCIMPROOF_CI_TARGET="${SCIMPROOF_CI_TARGET:-https://scim.example.com/scim/v2}"

rm -rf .scimproof
export GIT_TERMINAL_PROMPT=0 SCIMPROOF_CI_INSTALL="$PWD/.scimproof/environment"
git init --quiet .scimproof/checkout &&
    git -C .scimproof/checkout fetch --quiet --depth 1 "$SCIMPROOF_CI_SOURCE" "$SCIMPROOF_CI_REF" &&
    git -C .scimproof/checkout checkout --quiet FETCH_HEAD || {
    mkdir -p "$SCIMPROOF_CI_OUT"
    rm -f "$SCIMPROOF_CI_OUT/junit.xml" "$SCIMPROOF_CI_OUT/report."* # of an earlier job
    echo "**scimproof: exit code 4**, it could not be cloned at $SCIMPROOF_CI_REF (the address, the tag, its" \
        "credentials?); nothing was sent." | tee "$SCIMPROOF_CI_OUT/summary.md" >&2
    exit 4
}
exec .scimproof/checkout/deploy/ci/scimproof-ci # in this shell's place, so that it hears when the job is ended
