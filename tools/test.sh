# shellcheck shell=bash disable=SC2154 # root, yes, say, fail and refuse are of ./dev
# ./dev test: every stage builds, tests and says how long it took; sourced by ./dev.
#
#   gcc          everything, and the tidy rules
#   clang        engine, strategies, sim, journal: the parts whose results may not depend on the compiler
#   asan         AddressSanitizer and UBSan: what reads foreign bytes, and the fold; ten seconds of every fuzz target
#                without libFuzzer
#   fuzz         ten seconds of every libFuzzer program; only with --long or when named
#   determinism  equal digests over compilers, optimisation levels and CPU features
#   accuracy     ten million points of every elementary function; only with --long or when named
#   properties   10,000 random markets and order flows through the simulated exchange, ten million random market events
#                through the features, under AddressSanitizer and UBSan; ten million through enhanced and wall_aware
#                each; only with --long or when named
#   coverage     a hundred synthetic sessions against their truth (docs/simulator.md); only with --long or when named

declare -A budget_minutes=([gcc]=15 [clang]=6 [asan]=10 [fuzz]=8 [determinism]=12 [accuracy]=60 [properties]=15 [coverage]=60)
summary=()
failed_stages=()
totals_passed=0
totals_failed=0
totals_not_run=0

minutes() { printf '%d min %02d s' $(($1 / 60)) $(($1 % 60)); }

# What GoogleTest did behind ctest's one line a binary: counts, and why something did not run.
count_tests() {
  local log=$1
  local passed failed not_run
  passed=$(awk '/^\[  PASSED  \]/ { sum += $4 } END { print sum + 0 }' "$log")
  failed=$(awk '/^\[  FAILED  \] [0-9]+ tests?/ { sum += $4 } END { print sum + 0 }' "$log")
  not_run=$(awk '/^\[  SKIPPED \] [^ ]+ \(/ { sum += 1 } END { print sum + 0 }' "$log")
  printf '%s %s %s\n' "$passed" "$failed" "$not_run"
}

why_not_run() {
  awk '/^\[ RUN      \]/ { reason = ""; next }
       /^\[  SKIPPED \] [^ ]+ \(/ { print "  did not run: " $4 ": " reason; next }
       /: Skipped$/ { next }
       /did not run/ { print "  " $0; next }
       /^\[/ { next }
       NF { reason = reason (reason == "" ? "" : " ") $0 }' "$1"
}

# run_ctest PRESET [CTEST ARGUMENTS]
run_ctest() {
  local preset=$1
  shift
  local folder=$root/build/$preset
  local status=0
  mkdir -p "$folder/Testing/Temporary"
  rm -f "$folder/Testing/Temporary/LastTest.log"
  # --no-tests=error: a stage that tests nothing must not look like one that passed.
  (cd "$folder" && ctest --parallel "$(nproc)" --output-on-failure --no-label-summary --no-tests=error "$@") </dev/null 2>&1 |
    tee "$folder/ctest.log" || status=1

  local passed=0 failed=0 not_run=0
  if [[ -f $folder/Testing/Temporary/LastTest.log ]]; then
    read -r passed failed not_run < <(count_tests "$folder/Testing/Temporary/LastTest.log")
    why_not_run "$folder/Testing/Temporary/LastTest.log"
  fi
  totals_passed=$((totals_passed + passed))
  totals_failed=$((totals_failed + failed))
  totals_not_run=$((totals_not_run + not_run))
  stage_note="$(grep -E 'tests passed|No tests were found' "$folder/ctest.log" | tail -n 1)"
  stage_note+=" ($passed cases passed, $failed failed, $not_run not run)"
  return $status
}

# run_tests_of LOG PROGRAM [ARGUMENTS]: one GoogleTest program, counted as ctest's are.
run_tests_of() {
  local log=$root/build/$1 status=0
  shift
  "$@" </dev/null 2>&1 | tee "$log" || status=1
  local passed failed not_run
  read -r passed failed not_run < <(count_tests "$log")
  totals_passed=$((totals_passed + passed))
  totals_failed=$((totals_failed + failed))
  totals_not_run=$((totals_not_run + not_run))
  return $status
}

stage_gcc() {
  build gcc && run_ctest gcc
}

# The folders that are tested in a preset; a folder without tests yet has no target.
test_folders() {
  local preset=$1 folder
  shift
  local targets=()
  configure "$preset" || return 1
  for folder in "$@"; do
    [[ -f $root/tests/$folder/CMakeLists.txt ]] && targets+=("test_$folder")
  done
  build "$preset" "${targets[@]}" || return 1
  local pattern
  pattern=$(IFS='|' && echo "$*")
  run_ctest "$preset" --label-regex "^($pattern)(/|\$)"
}

stage_clang() { test_folders clang engine strategies sim journal; }

stage_asan() {
  UBSAN_OPTIONS=print_stacktrace=1 test_folders asan engine strategies sim journal venues fuzz
}

stage_fuzz() {
  # shellcheck source=tools/fuzz.sh
  source "$root/tools/fuzz.sh"
  fuzz all 10 && stage_note="ten seconds a target, no finding"
}

stage_determinism() {
  "$root/tests/determinism/run.sh" </dev/null && stage_note="equal digests everywhere"
}

stage_accuracy() {
  build gcc det-accuracy det-accuracy-llvm || return 1
  "$root/build/gcc/bin/det-accuracy" 10000000 </dev/null || return 1
  "$root/build/gcc/bin/det-accuracy-llvm" 10000000 </dev/null || return 1
  stage_note="every result correctly rounded"
}

stage_properties() {
  build asan mm_sim_test mm_features_fuzz_test || return 1
  build gcc mm_enhanced_fuzz_test || return 1
  UBSAN_OPTIONS=print_stacktrace=1 MM_SIM_SEEDS=10000 run_tests_of properties_sim.log \
    "$root/build/asan/bin/mm_sim_test" --gtest_filter='Properties.*' || return 1
  UBSAN_OPTIONS=print_stacktrace=1 run_tests_of properties_features.log \
    "$root/build/asan/bin/mm_features_fuzz_test" --long || return 1
  run_tests_of properties_enhanced.log "$root/build/gcc/bin/mm_enhanced_fuzz_test" --long || return 1
  stage_note="10,000 seeds, 10,000,000 events through the features, as many through each of enhanced and wall_aware"
}

stage_coverage() {
  build gcc synthetic_study || return 1
  "$root/build/gcc/bin/synthetic_study" queues </dev/null || return 1
  "$root/build/gcc/bin/synthetic_study" coverage </dev/null || return 1
  "$root/build/gcc/bin/synthetic_study" coverage_hidden </dev/null || return 1
  stage_note="precision and recall at least 0.95; 95 % intervals cover the truth in 90 to 99 %"
}

# run_stage NAME
run_stage() {
  local name=$1
  local start=$SECONDS
  stage_note=""
  printf '\n==== %s (budget %d min)\n' "$name" "${budget_minutes[$name]}"
  local word=ok
  if ! "stage_$name"; then
    word=FAILED
    failed_stages+=("$name")
    stage_note=${stage_note:-"see above"}
  fi
  local took=$((SECONDS - start))
  local over=""
  if [[ $took -gt $((budget_minutes[$name] * 60)) ]]; then over=", over its budget of ${budget_minutes[$name]} min"; fi
  local line
  line="$(printf '%-12s %-6s %s%s: %s' "$name" "$word" "$(minutes $took)" "$over" "$stage_note")"
  printf '==== %s\n' "$line"
  summary+=("$line")
}

run_tests() {
  local stages=() argument long=0
  for argument in "$@"; do
    case $argument in
    --long) long=1 ;;
    gcc | clang | asan | fuzz | determinism | accuracy | properties | coverage) stages+=("$argument") ;;
    *) refuse "test takes --long, --yes and stages (gcc clang asan fuzz determinism accuracy properties coverage), not '$argument'" ;;
    esac
  done
  if [[ ${#stages[@]} -eq 0 ]]; then
    stages=(gcc clang asan determinism)
    [[ $long == 1 ]] && stages+=(fuzz accuracy properties coverage)
  fi
  need base check
  (need cluster) || say "without GNU parallel and Slurm: the tests of shards under them will say that they did not run"
  [[ $long == 1 ]] && export MM_LONG=1

  local start=$SECONDS name
  for name in "${stages[@]}"; do run_stage "$name"; done

  printf '\n==== summary\n'
  printf '%s\n' "${summary[@]}"
  printf '%d cases passed, %d failed, %d did not run; %s in all\n' \
    "$totals_passed" "$totals_failed" "$totals_not_run" "$(minutes $((SECONDS - start)))"
  if [[ ${#failed_stages[@]} -gt 0 ]]; then
    printf 'dev test: FAILED: %s\n' "${failed_stages[*]}"
    return 1
  fi
  printf 'dev test: passed\n'
}
