#!/usr/bin/env bash
# ./dev demo: three recorded minutes of a real market, over the sockets of a local venue and straight from the files, to "what if".
# Every command is printed before it runs, as you would type it. Needs the release build of mmctl; leaves its journals in demo/.
set -euo pipefail
cd -- "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/.."

market=tests/fixtures/market

title() { printf '\n\n== %s\n' "$*"; }
run() {
  printf '\n$ ./dev mmctl'
  local argument column=13
  for argument in "$@"; do
    if [[ $argument == --* && $((column + ${#argument})) -gt 90 ]]; then
      printf ' \\\n   '
      column=4
    fi
    printf ' %s' "$argument"
    column=$((column + ${#argument} + 1))
  done
  printf '\n\n'
  build/release/bin/mmctl "$@"
}

# The chain that led to the fill that cost most.
explain_worst() {
  local fill
  fill=$(build/release/bin/mmctl why --journal "$1" --worst 1 --json |
    sed -n '/"worst_fills"/,$s/^ *"seq": \([0-9]*\),$/\1/p' | head -n 1)
  if [[ -n $fill ]]; then
    run why --journal "$1" --fill "$fill"
  else
    printf '\nno fill of this session cost anything\n'
  fi
}

rm -rf demo/journal demo/live
mkdir -p demo

title "1. A venue of our own: Hyperliquid and Binance USD-M over TLS on loopback, its market the recorded one in $market, four times as fast"
certificate=demo/venue.pem
venue=(venue --market "binance-usdm:BTCUSDT=$market/binance_usdm_btcusdt.zst" --protocol hyperliquid,binance-usdm
  --speed 4x --start-after 6 --listen 127.0.0.1:0 --tls --certificate "$certificate")
printf '\n$ ./dev mmctl %s &\n\n' "${venue[*]}"
build/release/bin/mmctl "${venue[@]}" >demo/venue.out 2>demo/venue.err &
venue_process=$!
trap 'kill "$venue_process" 2>/dev/null || true' EXIT
for _ in {1..100}; do
  [[ -s demo/venue.out ]] && break
  sleep 0.1
done
url=$(head -n 1 demo/venue.out)
[[ $url == https://* ]] || { cat demo/venue.err >&2; exit 1; }
echo "$url"

title "2. Record a live session over its sockets: all models quote Hyperliquid BTC on paper, Binance USD-M leading, 40 seconds"
run record --journal demo/live --venue hyperliquid:BTC --lead binance-usdm:BTCUSDT \
  --network "$url" --ca-file "$certificate" --strategy enhanced --set spread=3bps --execution paper --for 40s
kill "$venue_process" 2>/dev/null || true

title "3. Replay it: fold every event again and compare every decision, bit for bit; then ten seconds of it"
run replay --journal demo/live
run replay --journal demo/live --from -20s --to -10s

title "4. What if we had quoted 3, 5, 8 or 10 basis points?"
run counterfactual --journal demo/live --spread 3bps,5bps,8bps,10bps

title "5. Where did the money go? The minutes and fills that cost most, and one of them in full, with what was predicted of it"
run why --journal demo/live --worst 3
explain_worst demo/live

title "6. Straight from capture files, through the very same path, as fast as it goes: USD-M quoted, spot and COIN-M leading"
run record --journal demo/journal \
  --venue "binance-usdm:BTCUSDT=$market/binance_usdm_btcusdt.zst" \
  --lead "binance-spot:BTCUSDT=$market/binance_spot_btcusdt.zst" \
  --lead "binance-coinm:BTCUSD_PERP=$market/binance_coinm_btcusd_perp.zst" \
  --strategy fixed_spread --set spread=3bps --execution paper

title "7. What the journal holds, its replay, our fills, where the money went, and the same question"
run info --journal demo/journal
run replay --journal demo/journal
run fills --journal demo/journal
run why --journal demo/journal --worst 2
explain_worst demo/journal
run counterfactual --journal demo/journal --spread 3bps,5bps,8bps,10bps

title "Next"
cat <<'NEXT'

The journals stay in demo/live and demo/journal. Some things to try with them:

  ./dev mmctl cat --journal demo/live --kind fill,place_order,feed_status    what happened
  ./dev mmctl cat --journal demo/journal --from 23:55:40 --to 23:55:41       the events of one second
  ./dev mmctl why --journal demo/journal --at 23:56:21                       what stood at a moment
  ./dev mmctl verify --journal demo/journal                                  check every byte
  ./dev mmctl counterfactual --journal demo/journal --spread 1bps:12bps:1bps
  ./dev mmctl venue --market synthetic:7 --coin ETH --listen 127.0.0.1:9300  a market without data; docs/venue.md
  ./dev mmctl strategies                                                     what can quote, and its parameters
  ./dev test                                                                 prove all of it (about 25 minutes)

Real orders, first against the local venue: docs/live.md.
NEXT
