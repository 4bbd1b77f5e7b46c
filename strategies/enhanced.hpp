#pragma once

// enhanced: the whole of the models in one quote engine. The twelve steps, at each decision:
//
//    1  the models are the outlook's, folded before the strategy is asked
//    2  predictions are logged behind the orders (predict)
//    3  parameters are blended by the regime belief                    use_regime
//    4  a liquidation cascade makes quotes defensive                   use_liquidation
//    5  fair = microprice * (1 + the move the leader announces)        use_microprice, use_lead_lag
//    6  kappa from the intensity model joins book, robust and own      use_hawkes, use_kappa
//    7  informed flow: a premium, or a discount of kappa               use_adverse
//    8  half-spread of Guéant, Lehalle & Fernandez-Tapia with sigma    use_volatility
//    9  floor, and wider by what is not known
//   10  inventory skew
//   11  directional skew (off unless directional_weight)
//   12  prices on the tick, off the opposite touch of others; sizes by inventory; levels
//
// The formulas are strategies/quote_engine.hpp. What a model does not know yet is replaced, never
// read as 0:
//
//   microprice                  the touch's mid
//   sigma                       `volatility`
//   kappa                       the models' own prior of 3000 among whatever is there;
//                               `kappa_prior` where nothing is
//   premium                     `premium_prior`, moving to the mean move after our own fills:
//                               (n own + w prior)/(n + w), w = premium_weight
//   belief                      the regime model's stationary law; a switched-off one is Quiet
//   leader                      no shift: nothing significant is announced
//   own kappa                   left out of the combination
//
// `spread` replaces half-spread, floor and uncertainty alike: full width at zero inventory, as in
// the other strategies. Inventory counts in clips (position / size); without a max_position its
// limit is 1000 clips. Levels beyond the first lie `level_step` further out and share the side's
// size factor.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/outlook/outlook.hpp"
#include "engine/own/own_outlook.hpp"
#include "engine/policy.hpp"
#include "engine/prediction.hpp"
#include "strategies/enhanced_parameters.hpp"
#include "strategies/quote_engine.hpp"

namespace mm {

/// kappa from all its sources, read at the first decision of each second and after a change of
/// parameters that concern it.
struct KappaReading {
  Time until;  ///< good before this
  KappaFinal all;
  std::optional<double> robust;     ///< at the depth quoted
  std::optional<double> intensity;  ///< from the intensity model, at the depth quoted
  double prior = 0;                 ///< the parameters it was read with
  double switches = 0;
};

/// What one decision came to; the prediction log tells of it.
struct EnhancedDecision {
  QuoteInputs inputs;
  QuoteWidths widths;
  QuotePrices prices;               ///< of the first level; 0 if not quoted
  double gamma_base = 0;            ///< before the regimes' factor
  std::optional<double> announced;  ///< the leader's move that is still to come
  double mid = 0;                   ///< price units
  double half_touch = 0;            ///< half of others' spread, a fraction
};

class Enhanced {
 public:
  using Params = EnhancedParams;
  struct State {
    /// Half-spread of the last decision: the depth at which kappa is read; 0 before the first.
    double half = 0;
    KappaReading kappa;
    /// Of the decision just made, for predict(); never saved.
    EnhancedDecision decision;
    /// A belief stays for seconds, so its entropy is kept; never saved.
    Belief entropy_of{};
    double entropy = 0;

    void save(ByteWriter& out) const;
    void restore(ByteReader& in);
  };

  static constexpr std::string_view name = "enhanced";
  static constexpr std::string_view doc =
      "all models: regimes, intensities, lead-lag, adverse selection; predictions are logged";
  static constexpr bool wants_to_be_asked = true;
  static constexpr bool needs_outlook = true;
  static constexpr bool needs_own = true;
  static constexpr auto parameters = enhanced::infos_of(enhanced::bound);
  static constexpr auto fields = enhanced::fields_of(enhanced::bound);

  static Quotes quotes(const Params& params, State& state, const View& view);
  static void predict(const Params& params, State& state, const View& view,
                      std::span<const Order> orders, PredictedCycle& cycle);

  // The steps, for variants of the engine (strategies/wall_aware.hpp).

  /// Steps 1 to 11.
  static EnhancedDecision decide(const Params& params, State& state, const View& view);
  /// Step 12: the wanted price of a level before it is laid, or nothing to leave it out.
  using Placement = std::optional<Price> (*)(const void* context, Side side, Price wanted);
  static Quotes lay(const Params& params, const EnhancedDecision& decision, const View& view,
                    Placement placement = nullptr, const void* context = nullptr);
};

/// The engine's constants as quote_engine takes them.
QuoteSettings quote_settings(const EnhancedParams& params);

}  // namespace mm
