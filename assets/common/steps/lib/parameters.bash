# Parameters of a step, and how a step tells that it failed.
#
# A step reads its parameters from standard input, one "name=value" line each; a value may hold any character but a
# newline, so secrets come the same way and never stand in a command line.
#
#   read_parameters user= database= password=  table=*  registry=?
#     name=   must be given once        name=*  any number of times        name=?  at most once
#   value NAME    prints the one value (nothing when it was not given)
#   values NAME   prints each value on a line of its own
#   fault WORDS   notes a fault; stop_on_faults ends the step when there are any, all told at once
#   stop WORDS    ends the step with one message
#
# For tests, APPLIANCE_ROOT is put before the paths that a step writes; sudo does not let it through in a machine.
# shellcheck shell=bash

declare -A parameter_values=()
faults=()
step_name=$(basename "$0" .sh)
# shellcheck disable=SC2034 # used by the steps
root=${APPLIANCE_ROOT:-}
# shellcheck disable=SC2034 # the folder that holds the copy of the project's files: .../assets/common/steps/lib -> ...
payload=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../../../.." && pwd)

read_parameters() {
  local declared line name
  declare -A kinds=() counts=()
  for declared in "$@"; do
    kinds[${declared%%=*}]=${declared#*=}
    parameter_values[${declared%%=*}]=""
  done
  while IFS= read -r line || [[ -n $line ]]; do
    [[ $line == *=* ]] || stop "a parameter line without '='"
    name=${line%%=*}
    [[ -v kinds[$name] ]] || stop "unknown parameter '$name'"
    counts[$name]=$((${counts[$name]:-0} + 1))
    parameter_values[$name]+=${line#*=}$'\n'
  done
  for name in "${!kinds[@]}"; do
    if [[ -z ${kinds[$name]} && ${counts[$name]:-0} -ne 1 ]]; then fault "parameter '$name' is needed once"; fi
    if [[ ${kinds[$name]} == '?' && ${counts[$name]:-0} -gt 1 ]]; then fault "parameter '$name' is given twice"; fi
  done
  stop_on_faults
}

value() { printf '%s' "${parameter_values[$1]%%$'\n'*}"; }

values() { printf '%s' "${parameter_values[$1]}"; }

fault() { faults+=("$*"); }

stop_on_faults() {
  if ((${#faults[@]} == 0)); then return 0; fi
  printf '%s\n' "${faults[@]/#/"$step_name: "}" >&2
  exit 1
}

stop() {
  printf '%s: %s\n' "$step_name" "$*" >&2
  exit 1
}

# A full disk makes every tool fail in words of its own; it is told once more, plainly, at the end.
tell_full_disk() {
  local status=$? available target
  if ((status == 0)); then return; fi
  while read -r available target; do
    if ((available < 1024)); then
      printf '%s: the disk is full: %s has %s KiB left\n' "$step_name" "$target" "$available" >&2
    fi
  done < <(df --output=avail,target / /var /tmp 2>/dev/null | tail -n +2 | sort -u)
}
trap tell_full_disk EXIT
