# Sourced by tests/run, infra/streams and infra/demo: what they share. Needs `root` set to the repository's root.
# shellcheck shell=bash
: "${root:?}"

# Small tensor operations on busy cores are up to 150 times slower with more than one OpenMP thread that spins, and glibc keeps freed native memory
# unless told not to: 16 MB of it here, for the broker's answers of some MB would else be mapped anew each time, at half of what reading them costs.
# All are read when the process starts, so .NET cannot set them for itself.
export OMP_NUM_THREADS="${OMP_NUM_THREADS:-1}"
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
export MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-16777216}"
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-16777216}"
# Records in flight live through collections that come too often, and each copies them: a first generation of 64 MB halves what the collector takes.
export DOTNET_GCgen0size="${DOTNET_GCgen0size:-0x4000000}"
# Frames are large objects, which leave holes that no other frame fits: the collector may move them once half is holes. It halves what frames take.
export DOTNET_GCConserveMemory="${DOTNET_GCConserveMemory:-5}"
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
# A build node that stays behind holds memory and files open for a quarter of an hour.
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }

# find_sdk: puts a .NET SDK that global.json accepts on the path. One line and status 1 when there is none.
find_sdk() {
  local remedy='install it from https://dotnet.microsoft.com/download/dotnet/10.0 or with: curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0'
  local folder
  for folder in "${DOTNET_ROOT:-}" "${HOME:-}/.dotnet"; do
    if ! command -v dotnet >/dev/null && [ -n "$folder" ] && [ -x "$folder/dotnet" ]; then
      PATH="$folder:$PATH"
    fi
  done
  if ! command -v dotnet >/dev/null; then
    say "The .NET 10 SDK is missing; $remedy"
    return 1
  fi
  if ! (cd "$root" && dotnet --version >/dev/null 2>&1); then
    say "No .NET SDK here satisfies global.json (10.0.100 or a later 10.0); $remedy"
    return 1
  fi
  # A built program looks for its runtime here when the SDK lies outside the usual folders.
  export DOTNET_ROOT="${DOTNET_ROOT:-$(dirname "$(readlink -f "$(command -v dotnet)")")}"
}

# install_packages PACKAGE...: installs from the distribution, asking nothing. One line and status 1 when it cannot.
install_packages() {
  [ $# -gt 0 ] || return 0
  local as_root=() log
  if ! command -v apt-get >/dev/null; then
    say "Missing: $*. There is no apt-get here; install them with your system's package manager and run this again."
    return 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
      say "Missing: $*. Installing needs root; run: sudo apt-get update && sudo apt-get install -y $*"
      return 1
    fi
    as_root=(sudo -n)
  fi
  say "installing $* from the distribution (apt-get)…"
  log=$(mktemp)
  if ! { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    say "Could not install: $*. Mend what apt-get says above, or run: apt-get install -y $*"
    return 1
  fi
  rm -f "$log"
}

host_folder() { printf '%s' "$root/infra/Streams.Host/bin/Release"; }

# host_program: path of the built program; nothing when it was never built.
host_program() { compgen -G "$(host_folder)/net*/*/streams" | head -n 1; }

# host_is_current: true when no source is younger than the last build for the same device.
host_is_current() {
  local stamp
  stamp="$(host_folder)/.built"
  [ -f "$stamp" ] && [ "$(<"$stamp")" = "${TorchDevice:-cpu}" ] && [ -n "$(host_program)" ] &&
    [ -z "$(find "$root"/{schemas,ingest,processors,grains,infra} "$root"/Directory.* "$root/global.json" "$root/.editorconfig" \
      \( -name bin -o -name obj \) -prune -o -type f -newer "$stamp" ! -name '*.md' -print -quit)" ]
}

# mark_host_built TIME_FILE: the build that began when TIME_FILE was made is good; a source edited since is younger.
mark_host_built() {
  mkdir -p "$(host_folder)"
  printf '%s' "${TorchDevice:-cpu}" >"$(host_folder)/.built"
  touch -r "$1" "$(host_folder)/.built"
}

silence() { cat >/dev/null; }

# build PROJECT [FILTER...]: a Release build that shows its errors and nothing else; with FILTER, what it writes as it goes is
# handed to that command.
build() {
  local project=$1 log status=0
  shift
  log=$(mktemp)
  dotnet build "$project" -c Release -m:2 -tl:off -v:m -nologo 2>&1 </dev/null | tee "$log" | "${@:-silence}"
  status=${PIPESTATUS[0]}
  if [ "$status" -ne 0 ]; then
    { grep -E ' (error|warning) ' "$log" | sort -u || tail -n 20 "$log"; } >&2
    say "The build failed; mend what it says above, or see all of it with: dotnet build ${project#"$root"/} -c Release"
  fi
  rm -f "$log"
  return "$status"
}

# ensure_host [FILTER...]: builds the program if it is missing or older than the sources; two callers do not build at once.
ensure_host() {
  ! host_is_current || return 0
  find_sdk || return 1
  mkdir -p "$root/infra/Streams.Host/obj"
  (
    flock 9
    # The one that held the lock may just have built it.
    ! host_is_current || exit 0
    say "building…"
    began=$(mktemp)
    status=0
    # The compiler server outlives the build; it must not inherit the lock.
    build "$root/infra/Streams.Host" "$@" 9>&- || status=$?
    [ "$status" -ne 0 ] || mark_host_built "$began"
    rm -f "$began"
    exit "$status"
  ) 9>"$root/infra/Streams.Host/obj/.build.lock"
}
