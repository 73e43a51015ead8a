# What the cache mounts of the Containerfiles spare: builds the dependencies of the crawler's image anew, as after a
# change of the lockfile, with each of the two mounts and without. In a checkout, with Podman or Docker:
#   sh test/bench/build-caches.sh [ROUNDS]
set -eu
rounds=${1:-3}
engine=$(command -v podman || command -v docker)
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
cp -r package.json pnpm-lock.yaml pnpm-workspace.yaml apps packages containers "$context"

# The mounts to leave out, as an expression for sed.
without() {
  case $1 in
    both) echo '' ;;
    packages) echo '/id=xnai-npm/s/--mount=[^ ]*//' ;;
    pnpm) echo '/id=xnai-pnpm/s/--mount=[^ ]*//' ;;
    neither) echo 's/--mount=type=cache[^ ]*//' ;;
  esac
}

now() { date +%s%N; }

build() {
  sed "$(without "$1")" containers/crawler.Containerfile >"$context/Containerfile"
  # Makes the layer of the dependencies anew, and none before it.
  echo "# $(now)" >>"$context/pnpm-workspace.yaml"
  began=$(now)
  "$engine" build --target dependencies -t localhost/xnai-build-caches -f "$context/Containerfile" "$context" >"$context/log" 2>&1 ||
    { tail -5 "$context/log"; return 1; }
  ms=$((($(now) - began) / 1000000))
  # pnpm's last line of progress.
  fetched=$(sed -n 's/.*reused \([0-9]*\), downloaded \([0-9]*\), added.*/\2 packages fetched, \1 from the cache/p' "$context/log" | tail -1)
  printf '  %-34s %6d ms   %s\n' "cache mounts: $1" "$ms" "$fetched"
}

# Fills the caches and makes the layers before.
build both
round=1
while [ "$round" -le "$rounds" ]; do
  for kept in both packages pnpm neither; do build "$kept"; done
  round=$((round + 1))
done
"$engine" rmi -f localhost/xnai-build-caches >/dev/null
