#!/usr/bin/env bash
# Places one artifact after its digest was checked here, on the machine. What stands at the target is replaced whole.
#
# name= version= sha256=
# source=     artifacts/NAME as copied beforehand, or a URL
# target=     absolute path: of the file, or of the folder that a tar is unpacked into
# owner=      user:group
# mode=       of the file, or of the folder
# kind=       file or tar (compressed or not; its members stand at its top)
# strip=      of a tar: how many leading folders are taken off its members' names; left out, none
# md5=        its first digits, for a build that is known by no other digest
# refused_md5=  DIGITS|REASON of a build that must not be installed, repeated
# at_least=   bytes that it has at least
# signature=  OFFSET|TEXT: ASCII text that stands at a byte of it
# registry=   npm registry for a folder with a package-lock.json; left out, npm's own
set -euo pipefail
# shellcheck source=lib/parameters.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/parameters.bash"
read_parameters name= version= sha256= source= target= owner= mode= kind= 'strip=?' 'md5=?' 'refused_md5=*' 'at_least=?' \
  'signature=?' 'registry=?'
name=$(value name)
source=$(value source)
target=$root$(value target)
owner=$(value owner)
strip=$(value strip)
getent passwd "${owner%%:*}" >/dev/null || fault "$name: there is no user '${owner%%:*}'"
getent group "${owner#*:}" >/dev/null || fault "$name: there is no group '${owner#*:}'"
[[ $target == /* && $target != / ]] || fault "$name: target '$target' is not an absolute path"
stop_on_faults

install -d -m 0755 "$(dirname "$target")"
# Beside the target, so that the last move stays within one file system and cannot be seen half done.
work=$(mktemp -d "$(dirname "$target")/.install-XXXXXX")
trap 'tell_full_disk; rm -rf "$work"' EXIT

fetch() {
  if [[ $source == *://* ]]; then
    curl --fail --silent --show-error --location --retry 3 --output "$work/download" --url "$source" ||
      stop "$name: cannot download $source"
    printf '%s/download' "$work"
  else
    [[ -f $payload/$source ]] || stop "$name: $source was not copied to the machine"
    printf '%s/%s' "$payload" "$source"
  fi
}

install_packages() { # FOLDER
  local options=(--omit=dev --omit=optional --ignore-scripts --no-audit --no-fund --no-update-notifier
    --cache "$work/npm-cache" --loglevel=error)
  if [[ -n $(value registry) ]]; then options+=(--registry "$(value registry)"); fi
  (cd "$1" && npm ci "${options[@]}") || stop "$name: npm ci failed in the artifact's folder"
}

file=$(fetch)
seen=$(sha256sum "$file")
if [[ ${seen%% *} != "$(value sha256)" ]]; then
  stop "$name $(value version): its SHA-256 is ${seen%% *}, the manifest says $(value sha256)"
fi

check_build() {
  local seen refused
  seen=$(md5sum "$file")
  seen=${seen%% *}
  while IFS= read -r refused; do
    if [[ $seen == "${refused%%|*}"* ]]; then stop "$name has the MD5 $seen, and of that build is known: ${refused#*|}"; fi
  done < <(values refused_md5)
  [[ $seen == "$(value md5)"* ]] || stop "$name has the MD5 $seen; the build that is known by this version has $(value md5)"
}
check_build

# The digest of a wrong file is easily taken over into the manifest: an error page in place of a download, for example.
check_content() {
  local at_least signature size
  at_least=$(value at_least)
  signature=$(value signature)
  size=$(stat --format=%s "$file")
  if [[ -n $at_least ]] && ((size < at_least)); then stop "$name has $size bytes; at least $at_least were expected"; fi
  if [[ -n $signature ]]; then
    cmp --quiet --bytes="$(printf '%s' "${signature#*|}" | wc -c)" --ignore-initial="${signature%%|*}:0" \
      "$file" <(printf '%s' "${signature#*|}") ||
      stop "$name is another kind of file: byte ${signature%%|*} does not begin '${signature#*|}'"
  fi
}
check_content

case $(value kind) in
  file)
    install -m "$(value mode)" -o "${owner%%:*}" -g "${owner#*:}" "$file" "$work/new"
    mv --no-target-directory "$work/new" "$target"
    ;;
  tar)
    mkdir "$work/new"
    tar --extract --file "$file" --directory "$work/new" --no-same-owner --no-same-permissions \
      --strip-components "${strip:-0}"
    if [[ -f $work/new/package-lock.json ]]; then install_packages "$work/new"; fi
    chown --recursive --no-dereference "$owner" "$work/new"
    chmod "$(value mode)" "$work/new"
    if [[ -e $target ]]; then mv --no-target-directory "$target" "$work/old"; fi
    mv --no-target-directory "$work/new" "$target"
    # Of libraries the linker learns by its cache alone.
    if [[ -z $root && -n $(find "$target" -name 'lib*.so*' -print -quit) ]]; then ldconfig; fi
    ;;
  *) stop "$name: kind '$(value kind)' is neither file nor tar" ;;
esac
printf '%s %s is at %s\n' "$name" "$(value version)" "$target"
