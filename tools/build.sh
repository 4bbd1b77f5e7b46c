# shellcheck shell=bash disable=SC2154 # root, yes, say, fail and refuse are of ./dev
# Configuring and building; sourced by ./dev.

# Compilers that run at once: one a core, but never more than memory allows (about 1.2 GB each).
job_count() {
  local cores memory_kb
  cores=$(nproc)
  memory_kb=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
  local most=$((memory_kb / 1200000))
  if [[ $most -lt 1 ]]; then most=1; fi
  echo $((cores < most ? cores : most))
}

# configure PRESET: cmake, if it has not run or the presets changed since; ninja sees the rest.
configure() {
  local preset=$1
  if [[ ! -f $root/build/$preset/build.ninja || $root/CMakePresets.json -nt $root/build/$preset/build.ninja ]]; then
    (cd "$root" && cmake --preset "$preset") </dev/null
  fi
}

# build PRESET [TARGET…]
build() {
  local preset=$1
  shift
  configure "$preset"
  ninja -C "$root/build/$preset" -j "$(job_count)" "$@" </dev/null
}

# Is there anything newer than the last build of this program? Files, and directories for what went.
is_stale() {
  local stamp=$1
  [[ -f $stamp ]] || return 0
  local folder watched=("$root/CMakeLists.txt" "$root/CMakePresets.json" "$root/cmake")
  for folder in engine schemas journal strategies sim venues net standin live research cli bench; do
    watched+=("$root/$folder")
  done
  [[ -n $(find "${watched[@]}" -newer "$stamp" -print -quit) ]]
}

# release_binary NAME: build/release/bin/NAME is there and fresh. Nothing on stdout, whatever happens:
# it belongs to the program that runs next. Two calls at once build one after the other.
release_binary() {
  local name=$1
  local folder=$root/build/release
  local stamp=$folder/.built-$name
  is_stale "$stamp" || return 0

  mkdir -p "$folder"
  exec 9>"$folder/.lock"
  flock 9
  if is_stale "$stamp"; then
    say "building $name (release); the log is $folder/$name.log"
    : >"$stamp.new" # older than any edit made while the build runs
    if [[ -t 2 ]]; then
      build release "$name" 2>&1 | tee "$folder/$name.log" >&2 || fail "the build of $name failed"
    elif ! build release "$name" >"$folder/$name.log" 2>&1; then
      tail -n 40 "$folder/$name.log" >&2
      fail "the build of $name failed"
    fi
    mv "$stamp.new" "$stamp"
  fi
  exec 9>&-
}
