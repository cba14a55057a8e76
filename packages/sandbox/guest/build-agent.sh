#!/bin/sh
# Builds the agent, the first process of a guest. $1 where to
set -e
cd "$(dirname "$0")"
${CC:-gcc} -std=gnu17 -O2 -Wall -Wextra -Werror -Wno-unused-result -static -D_GNU_SOURCE -o "$1" ./*.c
