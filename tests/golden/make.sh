#!/usr/bin/env bash
# Records the journals of the golden windows anew from the market samples in tests/fixtures/market.
# Needed only when the journal's format or the samples change; then `mmctl regress accept` and say
# in the commit why. Usage: tests/golden/make.sh MMCTL
set -euo pipefail

mmctl=$(readlink -f -- "${1:?usage: tests/golden/make.sh MMCTL}")
cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
market=../fixtures/market
usdm=binance-usdm:BTCUSDT=$market/binance_usdm_btcusdt.zst
spot=binance-spot:BTCUSDT=$market/binance_spot_btcusdt.zst
coinm=binance-coinm:BTCUSD_PERP=$market/binance_coinm_btcusd_perp.zst
hyperliquid=hyperliquid:BTC=$market/hyperliquid_btc.gz

record() { # CASE ARGUMENTS...
  local journal=$1/journal
  shift
  rm -rf "$journal"
  "$mmctl" record --journal "$journal" "$@"
  # A journal is its segments; index and lock are made when they are needed.
  rm -rf "$journal/index" "$journal/LOCK"
}

record usdm_fixed_spread --venue "$usdm" --lead "$spot" --lead "$coinm" \
  --strategy fixed_spread --spread 1bps --set levels=2 --for 60s --block-rows 1024
record usdm_enhanced --venue "$usdm" --lead "$spot" --strategy enhanced --spread 1bps --for 45s --block-rows 1024
record coinm_glft --venue "$coinm" --strategy glft --spread 2bps --set gamma=100 --for 90s
record hyperliquid_glft --venue "$hyperliquid" --strategy glft --set kappa=20000 --set fee=0bps

# A session in the synthetic exchange, whose orders stood in its book.
rm -rf synthetic_exchange/journal
"$mmctl" simulate --market synthetic --seed 1 --for 60s --execution exchange --spread 1.5bps \
  --market-set regime_speed=60 --market-set lead.makers_per_s=20 --queue power:1 --journal synthetic_exchange/journal
rm -rf synthetic_exchange/journal/index synthetic_exchange/journal/LOCK
