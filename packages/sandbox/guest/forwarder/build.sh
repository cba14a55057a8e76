#!/bin/sh
# Builds the programs of this folder for both processors, and writes them into the package: forwarder-programs.ts into
# folder $1, waiter-programs.ts into folder $2, default where the package has them.
set -e
cd "$(dirname "$0")"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
# $1 compiler, $2 objcopy, $3 source, $4 the program
build() {
  "$1" -std=c11 -Wall -Wextra -Werror -Os -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables -fno-pie \
    -no-pie -nostdlib -static -Wl,--build-id=none,-z,noseparate-code,-z,noexecstack -s -o "$4" "$3"
  # Which compiler it was is of no use to the program.
  "$2" --remove-section=.comment "$4"
}
lines() { base64 -w 100 "$1" | sed 's/.*/    "&",/'; }
# $1 name, $2 folder for the TypeScript
write() {
  build "${CC_X64:-gcc}" "${OBJCOPY_X64:-objcopy}" "$1.c" "$folder/x64"
  build "${CC_ARM64:-aarch64-linux-gnu-gcc}" "${OBJCOPY_ARM64:-aarch64-linux-gnu-objcopy}" "$1.c" "$folder/arm64"
  cat >"$2/$1-programs.ts" <<TS
/**
 * \`guest/forwarder/$1.c\`, built by \`guest/forwarder/build.sh\` with $("${CC_X64:-gcc}" -dumpfullversion) of GCC: a static
 * program for each processor, in Base64.
 */
export const $(echo "$1" | tr a-z A-Z)_PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  x64: [
$(lines "$folder/x64")
  ],
  arm64: [
$(lines "$folder/arm64")
  ],
};
TS
}
write forwarder "${1:-../../src/network}"
write waiter "${2:-../../src/warm}"
