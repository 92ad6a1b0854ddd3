#!/bin/sh
# Any other CI: put SCIMPROOF_TOKEN into the job's environment from its store of secrets, keep the folder `report`
# as the job's artefact also when it fails, show report/junit.xml as its tests. Adapt the two addresses.
set -eu
: "${SCIMPROOF_CI_SOURCE:=https://git.example.com/scimproof.git}"
export SCIMPROOF_CI_TARGET="${SCIMPROOF_CI_TARGET:-https://scim.example.com/scim/v2}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git clone --quiet --depth 1 "$SCIMPROOF_CI_SOURCE" "$work/scimproof"
"$work/scimproof/deploy/ci/install" "$work/environment"
SCIMPROOF_CI_BIN="$work/environment/bin" "$work/scimproof/deploy/ci/scimproof-ci"
