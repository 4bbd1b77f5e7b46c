#!/usr/bin/env bash
# One what-if on many processors or machines: shards of `mmctl counterfactual` under GNU parallel or
# Slurm, put together by `mmctl merge`. The merged result is the same bytes as one run's.
#
#   tools/shards.sh parallel N [OPTIONS OF mmctl counterfactual]     on this machine
#   tools/shards.sh slurm    N [OPTIONS OF mmctl counterfactual]     as a job array; the journal and
#                                                                    $TMPDIR must be on a file system
#                                                                    that every node sees
#
# MMCTL  the program (default: mmctl)           MERGE  options of `mmctl merge` ("--json")
# SBATCH options of sbatch ("--partition=cpu --mem=1G")
set -euo pipefail

usage() {
  sed -n '2,13s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

[[ $# -ge 2 && $2 =~ ^[1-9][0-9]*$ ]] || usage
how=$1 shards=$2
shift 2
mmctl=${MMCTL:-mmctl}
command -v "$mmctl" >/dev/null || {
  echo "shards: there is no program '$mmctl'; set MMCTL" >&2
  exit 2
}
work=$(mktemp -d "${TMPDIR:-/tmp}/shards.XXXXXX")
trap 'rm -rf "$work"' EXIT

case $how in
  parallel)
    seq "$shards" | parallel --halt soon,fail=1 --quote \
      "$mmctl" counterfactual "$@" --threads 1 --shard "{}/$shards" --output "$work/{}.json"
    ;;
  slurm)
    {
      printf '#!/bin/bash\nexec'
      printf ' %q' "$mmctl" counterfactual "$@" --threads 1
      printf ' --shard "$SLURM_ARRAY_TASK_ID/%s" --output %q/"$SLURM_ARRAY_TASK_ID".json\n' "$shards" "$work"
    } >"$work/job.sh"
    # shellcheck disable=SC2086 # several options
    sbatch --wait --quiet --array="1-$shards" --job-name=what-if --output="$work/%a.log" ${SBATCH:-} "$work/job.sh" || {
      cat "$work"/*.log >&2
      exit 1
    }
    ;;
  *) usage ;;
esac

files=()
for ((i = 1; i <= shards; ++i)); do files+=("$work/$i.json"); done
# shellcheck disable=SC2086 # several options
"$mmctl" merge "${files[@]}" ${MERGE:-}
