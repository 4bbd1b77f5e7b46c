# shellcheck shell=bash disable=SC2154 # root, yes, say, fail and refuse are of ./dev
# ./dev fuzz: libFuzzer over every target of fuzz/, or one; sourced by ./dev. The corpus grows under
# build/fuzz/corpus; a finding is written beside it and its reproduction printed.

fuzz_targets() { (cd "$root/fuzz" && printf '%s\n' *.cpp | sed 's/\.cpp$//' | grep -vx driver); }

# fuzz [TARGET|all] [SECONDS]
fuzz() {
  local wanted=${1:-all} seconds=${2:-60}
  local targets=()
  mapfile -t targets < <(fuzz_targets)
  if [[ $wanted != all ]]; then
    [[ " ${targets[*]} " == *" $wanted "* ]] || refuse "there is no fuzz target '$wanted'; targets: ${targets[*]}"
    targets=("$wanted")
  fi
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || refuse "fuzz: seconds are a whole number above 0, not '$seconds'"

  build fuzz "${targets[@]/#/fuzz_}" || return 1
  local target
  for target in "${targets[@]}"; do
    local corpus=$root/build/fuzz/corpus/$target
    local seeds=()
    mkdir -p "$corpus"
    [[ -d $root/fuzz/seeds/$target ]] && seeds=("$root/fuzz/seeds/$target")
    say "fuzzing $target for $seconds s"
    "$root/build/fuzz/bin/fuzz_$target" -max_total_time="$seconds" -use_value_profile=1 -timeout=10 \
      -rss_limit_mb=4096 -print_final_stats=1 -print_funcs=0 -verbosity=0 -artifact_prefix="$root/build/fuzz/$target-" \
      "$corpus" "${seeds[@]}" </dev/null 2>&1 | grep -vE '# Uses|recommended dictionary' || return 1
  done
}
