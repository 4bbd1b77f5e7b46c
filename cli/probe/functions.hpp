#pragma once

// What mm-probe can be asked: one model function on one input, as JSON (models.md, Appendix B).
//
//   rng.splitmix64    {seed, n}   -> {hex[], uniform[], normal[]}, the last two to 12 digits
//   glft.quote        {xi, kappa, A, sigma, n_inv, fee}
//                       -> {c1, c2, half_spread, skew, delta_bid, delta_ask}
//   glft.exact        {xi, kappa, A, sigma, n_max, fee?}  -> {bid_N, ask_N for |N| <= n_max}
//   pnl.attribution   {events[], horizon}            -> the parts, net_pnl, gross_pnl, residual
//                       events: [pos, t, lots] [mark, t, atoms] [fill, t, side, price, lots, fee]
//                       [funding, t, cash], all integers
//   markout.compute   {side, price, size, t, path[[t, mid]], horizons[], t_end}
//                       -> {mid_at_fill, spread_capture_bps, markout_bps{},
//                       adverse_selection_bps{},
//                           pnl{}}
//   ema.hold, vol.*, microprice.table, kappa.*, hawkes.*, fill.*, adverse.*, calib.pav|platt|
//   temperature, liquidation.probability, hmm.*, leadlag.*, regime.blend, quote.engine,
//   funding.payment, book.*, wall.*, flush.score, liqregime.run, spoof.score, queue.*
//                       inputs and outputs as in tests/fixtures/model-cases/cases.json, which has
//                       an example of each; `rows` are answered one by one
//   det.exp|log|log1p|expm1|tanh {x}, det.pow {x, y}  -> the value; hexadecimal floats ("0x1.8p+1",
//                       "inf", "nan") in and out, arrays of them element by element
//   hyperliquid.sign  a vector of tests/fixtures/hyperliquid/signing_vectors.json, its answers
//                     left out
//                       -> msgpack_hex, connection_id, eip712_digest, signature, signatures: those
//                       its kind has, in the vector's own shape

#include <string>
#include <string_view>

namespace mm::probe {

struct Answer {
  std::string json;   ///< one line: {"output": ...} or {"error": "..."}
  int exit_code = 0;  ///< 2 for a case that cannot be read; an unknown function is no failure
};

/// `text` is one JSON object with `fn` and `input`; other keys are ignored.
Answer answer(std::string_view text);

}  // namespace mm::probe
