# shellcheck shell=bash disable=SC2154 # root, yes, say, fail and refuse are of ./dev
# ./dev lint: clang-tidy 19 with .clang-tidy, then the house rules; sourced by ./dev.

# The sources that differ from the last commit on main, or from the commit before if this is main.
changed_sources() {
  local base
  base=$(git -C "$root" merge-base HEAD main 2>/dev/null || git -C "$root" rev-parse HEAD)
  if [[ $base == "$(git -C "$root" rev-parse HEAD)" ]]; then
    base=$(git -C "$root" rev-parse -q --verify HEAD~1 || echo "$base")
  fi
  { git -C "$root" diff --name-only --diff-filter=d "$base" && git -C "$root" ls-files -o --exclude-standard; } |
    { grep -E '\.cpp$' || true; } | sort -u | sed "s|^|$root/|"
}

lint() {
  local files=()
  case ${1:-} in
  "") mapfile -t files < <(changed_sources) ;;
  --all) mapfile -t files < <(sources | grep '\.cpp$') ;;
  *) mapfile -t files < <(realpath -e -- "$@") ;;
  esac

  build clang mm_tidy_test
  local status=0
  if [[ ${#files[@]} -gt 0 ]]; then
    # The fuzz targets are no part of this build; the rest is in its compile commands.
    printf '%s\n' "${files[@]}" | { grep -v "^$root/fuzz/" || true; } |
      xargs -r -P "$(job_count)" -n 1 clang-tidy-19 --quiet -p "$root/build/clang" --warnings-as-errors='*' \
        2> >(grep -v ' warnings generated' >&2) || status=1
  fi
  "$root/build/clang/bin/mm_tidy_test" --gtest_brief=1 || status=1
  if [[ $status == 0 ]]; then say "lint: ${#files[@]} files without a finding"; fi
  return $status
}
