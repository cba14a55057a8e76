#!/bin/sh
# Builds the forwarder for both processors, and writes both into the package: $1, default where the package has them.
set -e
cd "$(dirname "$0")"
target=${1:-../../src/network/forwarder-programs.ts}
build() {
  "$1" -std=c11 -Wall -Wextra -Werror -Os -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables -fno-pie \
    -no-pie -nostdlib -static -Wl,--build-id=none,-z,noseparate-code,-z,noexecstack -s -o "$2" forwarder.c
  # Which compiler it was is of no use to the program.
  "$3" --remove-section=.comment "$2"
}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
build "${CC_X64:-gcc}" "$folder/x64" "${OBJCOPY_X64:-objcopy}"
build "${CC_ARM64:-aarch64-linux-gnu-gcc}" "$folder/arm64" "${OBJCOPY_ARM64:-aarch64-linux-gnu-objcopy}"
lines() { base64 -w 100 "$1" | sed 's/.*/    "&",/'; }
cat >"$target" <<TS
/**
 * \`guest/forwarder/forwarder.c\`, built by \`guest/forwarder/build.sh\` with $("${CC_X64:-gcc}" -dumpfullversion) of GCC: a static
 * program for each processor, in Base64.
 */
export const FORWARDER_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  x64: [
$(lines "$folder/x64")
  ],
  arm64: [
$(lines "$folder/arm64")
  ],
};
TS
