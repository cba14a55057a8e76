#!/usr/bin/env bash
# Builds the server that the Vault tests run against, from the released Go module, into a folder of the user's cache.
# Prints the path of the binary. Does nothing when it is there already. Needs Go and a Go module proxy.
#
# The server is under the Business Source License 1.1: it is built for tests on this machine only, and neither its
# source nor the binary goes into the repository or a package. `bao` of OpenBao or `vault` on PATH serve as well.
set -euo pipefail

version=1.21.4
sdk_version=0.21.0
folder="${SYMBIONT_TEST_SERVERS:-${XDG_CACHE_HOME:-$HOME/.cache}/symbiont-test-servers}/vault-$version"
binary="$folder/vault"
if [ -x "$binary" ]; then
  echo "$binary"
  exit 0
fi
command -v go >/dev/null || { echo "no go toolchain: the Vault tests will be skipped" >&2; exit 1; }

mkdir -p "$folder"
work=$(mktemp -d "$folder/build.XXXXXX")
trap 'chmod -R u+w "$work" && rm -rf "$work"' EXIT
cd "$work"

# Where the proxy put a module's source.
fetch() { go mod download -json "$1" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p'; }
vault=$(fetch "github.com/hashicorp/vault@v$version")
sdk=$(fetch "github.com/hashicorp/vault/sdk@v$sdk_version")
[ -n "$vault" ] && [ -n "$sdk" ] || { echo "the module proxy does not serve Vault $version" >&2; exit 1; }

# The server was released with the sdk of its own tree, which has no release of its own. Two signatures differ.
cp -r "$sdk" sdk
chmod -R u+w sdk
sed -i 's/ActivationFunc func(context.Context, \*logical.Request, string) error/ActivationFunc func(context.Context, *logical.Request) error/' \
  sdk/framework/backend.go
sed -i 's/func (lm \*LockManager) RestorePolicy(/func (lm *LockManager) restorePolicy(/' sdk/helper/keysutil/lock_manager.go
cat >sdk/helper/keysutil/restore_policy.go <<'GO'
package keysutil

import (
	"context"

	"github.com/hashicorp/vault/sdk/logical"
)

func (lm *LockManager) RestorePolicy(ctx context.Context, storage logical.Storage, name, backup string, force bool) (string, error) {
	return name, lm.restorePolicy(ctx, storage, name, backup, force)
}
GO

cat >main.go <<'GO'
package main

import (
	"os"

	"github.com/hashicorp/vault/command"
)

func main() { os.Exit(command.Run(os.Args[1:])) }
GO

# The same versions of everything as the release has.
{
  echo "module symbiont.test/vault"
  grep -m1 '^go ' "$vault/go.mod"
  echo "require github.com/hashicorp/vault v$version"
  sed -n '/^require (/,/^)/p' "$vault/go.mod"
  grep '^replace ' "$vault/go.mod" | grep -v '=> \./'
  echo "replace github.com/hashicorp/vault/sdk => ./sdk"
} >go.mod
cp "$vault/go.sum" go.sum

CGO_ENABLED=0 nice -n 10 go build -mod=mod -trimpath -ldflags '-s -w' -o vault . >&2
mv vault "$binary"
echo "$binary"
