#!/bin/sh
# Makes a checkout ready to run: installs the locked packages when the lock file changed, and builds dist/.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.holdfast-setup
# Linked packages belong to another checkout and are used as they are.
if [ ! -L node_modules ] && ! cmp -s package-lock.json "$stamp" 2>/dev/null; then
  echo "setup: installing packages" >&2
  npm ci --no-fund --no-audit --loglevel=error >&2
  cp package-lock.json "$stamp"
fi
npx --no-install tsc -p tsconfig.build.json
