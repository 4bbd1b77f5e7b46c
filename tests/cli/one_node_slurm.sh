#!/usr/bin/env bash
# Starts a Slurm of one node on loopback below DIR, runs COMMAND with SLURM_CONF pointing at it, and
# stops it again. Exit 77, with the reason on stdout, where it cannot be started.
#
#   one_node_slurm.sh DIR COMMAND...
set -uo pipefail
dir=$1
shift
started=()
stop() {
  local pid
  for pid in "${started[@]}"; do kill "$pid" 2>/dev/null; done
  for pid in "${started[@]}"; do wait "$pid" 2>/dev/null; done
}
trap stop EXIT
give_up() {
  echo "$1"
  [[ -f $2 ]] && tail -n 5 "$2"
  exit 77
}

[[ $(id -u) -eq 0 ]] || { echo "its daemons need root"; exit 77; }
for program in munged slurmctld slurmd sbatch; do
  PATH=$PATH:/usr/sbin command -v "$program" >/dev/null || { echo "there is no $program (apt-get install slurm-wlm munge)"; exit 77; }
done
PATH=$PATH:/usr/sbin
mkdir -p "$dir"/{munge,state,spool}
chmod 0755 "$dir" "$dir/munge"
host=$(hostname -s)
base=$((20000 + $$ % 20000))

head -c 1024 /dev/urandom >"$dir/munge/key"
chmod 0400 "$dir/munge/key"
munged --foreground --force --key-file="$dir/munge/key" --socket="$dir/munge/socket" \
  --pid-file="$dir/munge/pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed" \
  >"$dir/munge.out" 2>&1 &
started+=($!)
for _ in {1..50}; do [[ -S $dir/munge/socket ]] && break || sleep 0.1; done
[[ -S $dir/munge/socket ]] || give_up "munged did not start:" "$dir/munge.out"

cat >"$dir/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
SlurmUser=root
SlurmdUser=root
SlurmctldPort=$base
SlurmdPort=$((base + 1))
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$dir/slurm.conf
slurmctld -D -c >"$dir/slurmctld.log" 2>&1 &
started+=($!)
slurmd -D >"$dir/slurmd.log" 2>&1 &
started+=($!)
for _ in {1..150}; do
  [[ $(sinfo --noheader --format=%t 2>/dev/null) == idle* ]] && break
  sleep 0.1
done
[[ $(sinfo --noheader --format=%t 2>/dev/null) == idle* ]] || {
  tail -n 3 "$dir/slurmctld.log"
  give_up "its node did not come up:" "$dir/slurmd.log"
}
"$@"
