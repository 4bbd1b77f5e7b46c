#!/usr/bin/env bash
# One golden journal, many builds: every one of them must make the same digests of it.
# Builds only engine, strategies, sim, journal and the tool (MM_TOOLS=OFF).
set -euo pipefail

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
builds=$root/build/determinism
golden=("$root"/tests/golden/*/journal "$root"/tests/fixtures/journal/*/)

# name, C++ compiler, C compiler, flags, sanitizers
matrix=(
  "gcc-O0|g++-12|gcc-12|-O0|"
  "gcc-O2|g++-12|gcc-12|-O2 -g1|"
  "gcc-O3|g++-12|gcc-12|-O3 -g1|"
  "clang-O2|clang++-19|clang-19|-O2 -g1|"
  "clang-sanitized|clang++-19|clang-19|-O1 -g1|address,undefined"
)
# The processor's features taken away: from glibc's own dispatch, and from ours.
masked='glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-AVX512F,-ERMS,-BMI2'

passed=0
failed=0
for journal in "${golden[@]}"; do
  [[ -d $journal ]] || { echo "determinism: no journal at $journal" >&2; exit 1; }
done

for row in "${matrix[@]}"; do
  IFS='|' read -r name cxx cc flags sanitizers <<<"$row"
  log=$builds/$name.log
  mkdir -p "$builds"
  if ! { cmake -S "$root" -B "$builds/$name" -G Ninja -DMM_TOOLS=OFF -DCMAKE_BUILD_TYPE=None \
    -DCMAKE_CXX_COMPILER="$cxx" -DCMAKE_C_COMPILER="$cc" -DCMAKE_CXX_FLAGS="$flags" \
    -DMM_SANITIZE="$sanitizers" && ninja -C "$builds/$name" replay_digest; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    echo "determinism: $name does not build" >&2
    exit 1
  fi
done

for journal in "${golden[@]}"; do
  reference=
  for row in "${matrix[@]}"; do
    name=${row%%|*}
    tool=$(find "$builds/$name" -type f -name replay_digest -perm -u+x | head -n 1)
    for way in plain hwcaps baseline; do
      case $way in
      plain) line=$("$tool" "$journal") || line="failed: $line" ;;
      hwcaps) line=$(GLIBC_TUNABLES=$masked "$tool" "$journal") || line="failed: $line" ;;
      baseline) line=$(MM_CPU=baseline "$tool" "$journal") || line="failed: $line" ;;
      esac
      reference=${reference:-$line}
      if [[ $line == "$reference" && $line != failed* ]]; then
        passed=$((passed + 1))
      else
        failed=$((failed + 1))
        printf '%s %s on %s:\n  %s\n  expected %s\n' "$name" "$way" "${journal#"$root"/}" "$line" \
          "$reference" >&2
      fi
    done
  done
  printf '%s: %s\n' "${journal#"$root"/}" "$reference"
done
printf 'determinism: %d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
