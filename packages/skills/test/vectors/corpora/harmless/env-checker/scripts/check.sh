#!/usr/bin/env bash
set -euo pipefail
for name in API_KEY REGION; do
  [ -n "${!name:-}" ] || { echo "$name is not set" >&2; exit 1; }
done
echo ok
