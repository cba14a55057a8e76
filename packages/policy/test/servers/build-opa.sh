#!/usr/bin/env bash
# Builds the Open Policy Agent server that the OPA tests run against, from the released Go module, into a folder of
# the user's cache. Prints the path of the binary. Does nothing when it is there already. Needs Go and a module proxy.
set -euo pipefail

version=1.22.2
folder="${SYMBIONT_TEST_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/symbiont-test-servers}/opa-$version"
binary="$folder/opa"
if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo "no go toolchain: the OPA tests will be skipped" >&2; exit 1; }

mkdir -p "$folder"
work=$(mktemp -d "$folder/build.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Installing by version takes the versions of everything that the release has.
GOBIN="$work" CGO_ENABLED=0 GOFLAGS=-buildvcs=false \
  nice -n 19 go install -p 2 -trimpath -ldflags '-s -w' "github.com/open-policy-agent/opa@v$version" >&2
mv "$work/opa" "$binary"
echo "$binary"
