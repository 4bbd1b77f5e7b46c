#!/usr/bin/env bash
# ./dev demo: three recorded minutes of a real market, from capture file to "what if". Every command is printed before it runs,
# as you would type it. Needs the release build of mmctl; leaves its journal in demo/journal.
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

rm -rf demo/journal
mkdir -p demo

title "1. Record: quote Binance USD-M BTCUSDT on paper, spot and COIN-M leading, from the captures in $market"
run record --journal demo/journal \
  --venue "binance-usdm:BTCUSDT=$market/binance_usdm_btcusdt.zst" \
  --lead "binance-spot:BTCUSDT=$market/binance_spot_btcusdt.zst" \
  --lead "binance-coinm:BTCUSD_PERP=$market/binance_coinm_btcusd_perp.zst" \
  --strategy fixed_spread --set spread=3bps --execution paper

title "2. What the journal holds"
run info --journal demo/journal

title "3. Replay: fold every event again and compare every decision, bit for bit"
run replay --journal demo/journal

title "4. The same for ten seconds in the middle: starts from the nearest checkpoint"
run replay --journal demo/journal --from 23:55:40 --to 23:55:50

title "5. Our fills"
run fills --journal demo/journal

title "6. What if we had quoted 3, 5, 8 or 10 basis points?"
run counterfactual --journal demo/journal --spread 3bps,5bps,8bps,10bps

title "Next"
cat <<'NEXT'

The journal stays in demo/journal. Some things to try with it:

  ./dev mmctl cat --journal demo/journal --from 23:55:40 --to 23:55:41     the events of one second
  ./dev mmctl verify --journal demo/journal                                check every byte
  ./dev mmctl counterfactual --journal demo/journal --spread 1bps:12bps:1bps
  ./dev mmctl strategies                                                   what can quote, and its parameters
  ./dev test                                                               prove all of it (about 25 minutes)
NEXT
