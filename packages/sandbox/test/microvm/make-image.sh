#!/bin/sh
# Makes the image that tests boot machines from: the programs of this machine's busybox and Python.
# $1 Debian's package of a kernel, default: fetched by apt
set -e
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
test/engine/make-rootfs.sh "$work/root" 2>/dev/null
guest/build-image.sh node_modules/.cache/microvm "$1" "$work/root"
