# shellcheck shell=bash disable=SC2154 # root, yes, say, fail and refuse are of ./dev
# Installing what is missing; sourced by ./dev.

# The packages of the groups given, one a line.
packages_of() {
  local group wanted=" $* "
  local package
  while read -r group package; do
    [[ $wanted == *" $group "* ]] && printf '%s\n' "$package"
  done <"$root/tools/packages.txt"
}

# Those of the packages given that are not installed.
missing_of() {
  local installed
  # dpkg-query exits 1 when it does not know a package, which is an answer here and no failure.
  # shellcheck disable=SC2016 # the braces are dpkg-query's
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  local package
  for package in "$@"; do
    grep -qx "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# Installs the missing packages of the groups given. A stamp under build/ makes the next call free;
# ./dev setup looks again.
need() {
  local group stale=0
  for group in "$@"; do
    [[ $root/build/.packages-$group -nt $root/tools/packages.txt ]] || stale=1
  done
  [[ $stale == 0 ]] && return
  install_packages "$@"
  mkdir -p "$root/build"
  for group in "$@"; do : >"$root/build/.packages-$group"; done
}

install_packages() {
  command -v dpkg-query >/dev/null || fail "this is no Debian: install what docs/dependencies.md lists by hand, then: mkdir -p build && touch build/.packages-base build/.packages-check"
  local all missing
  mapfile -t all < <(packages_of "$@")
  mapfile -t missing < <(missing_of "${all[@]}")
  [[ ${#missing[@]} -eq 0 ]] && return

  local line="apt-get install -y --no-install-recommends --no-remove ${missing[*]}"
  local as=()
  if [[ $(id -u) -ne 0 ]]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
      as=(sudo)
    else
      say "these packages are missing and I am neither root nor able to use sudo. Run as root:"
      printf '  apt-get update && %s\n' "$line" >&2
      exit 2
    fi
  fi
  local apt=("${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300)

  say "installing ${#missing[@]} Debian packages: ${missing[*]}"
  "${apt[@]}" update </dev/null >&2 || say "apt-get update failed; trying with the lists that are there"

  local plan leaving=()
  plan=$("${apt[@]}" install -s --no-install-recommends "${missing[@]}" </dev/null) ||
    fail "apt cannot install these packages together:"$'\n'"$plan"
  mapfile -t leaving < <(awk '$1 == "Remv" { print $2 }' <<<"$plan")
  local remove=(--no-remove)
  if [[ ${#leaving[@]} -gt 0 ]]; then
    say "this would remove: ${leaving[*]}"
    if [[ $yes != 1 ]]; then
      say "nothing was changed. To go ahead: ./dev setup --yes"
      exit 2
    fi
    remove=()
  fi
  "${apt[@]}" install -y --no-install-recommends "${remove[@]}" "${missing[@]}" </dev/null >&2 ||
    fail "apt-get could not install the packages; its messages stand above"
}
