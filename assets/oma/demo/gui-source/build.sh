#!/usr/bin/env bash
# Builds the demo GUI and packs it as the appliance takes it: the built application without its dependencies.
# Prints the archive's SHA-256, which belongs into assets/oma/artifacts.yaml.
#
# usage: build.sh   # needs Node.js >= 18.18 and npm
set -euo pipefail

source=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
archive=$source/../migration-gui.tar.gz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp -r "$source"/{app,next.config.mjs,package.json,package-lock.json} "$work"
cd "$work"
export NEXT_TELEMETRY_DISABLED=1
npm ci --no-audit --no-fund --loglevel=error
npx next build
rm -rf .next/cache .next/trace .next/trace-build .next/diagnostics .next/types
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner \
  .next app next.config.mjs package.json package-lock.json | gzip --no-name --best >"$archive"
sha256sum "$archive"
