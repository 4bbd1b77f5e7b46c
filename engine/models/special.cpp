#include "engine/models/special.hpp"

#include <array>
#include <cstddef>

#include "engine/det/math.hpp"

namespace mm {
namespace {

constexpr std::array chebyshev = {
    1.1775789345674017,     -0.004590054580646478,   -0.08424913336651792,
    0.05920993999819189,    -0.026658668435305753,   0.009074997670705265,
    -0.002413163540417608,  0.0004907758365258086,   -6.916973302501207e-05,
    4.13902798607301e-06,   7.74038306619849e-07,    -2.1886401049234397e-07,
    1.076499946567091e-08,  4.521959811218287e-09,   -7.754400208831351e-10,
    -6.318088340886684e-11, 2.86879501093067e-11,    1.9455868545777347e-13,
    -9.65469674843344e-13,  3.25254814814874e-14,    3.3478119482868056e-14,
    -1.864562880419313e-15, -1.2507950530688648e-15, 7.418235256624044e-17,
    5.068148904796111e-17};

}  // namespace

double erfc(double x) {
  if (x < 0) return 2 - erfc(-x);
  if (x > 27.3) return 0;
  const double t = (x - 3.75) / (x + 3.75);
  double next = 0;  // Clenshaw's recurrence
  double after = 0;
  for (std::size_t k = chebyshev.size() - 1; k > 0; --k) {
    const double here = 2 * t * next - after + chebyshev[k];
    after = next;
    next = here;
  }
  return (t * next - after + chebyshev[0]) * det::exp(-x * x) / (1 + 2 * x);
}

CosSin cos_sin_of_phase(std::int64_t time, std::int64_t period) {
  std::int64_t phase = time % period;
  if (phase < 0) phase += period;
  const auto eighths = static_cast<__int128>(phase) * 8;
  const auto octant = static_cast<int>(eighths / period);
  auto rest = static_cast<std::int64_t>(eighths - static_cast<__int128>(octant) * period);
  if (octant % 2 != 0) rest = period - rest;  // distance to the nearer axis
  constexpr double quarter_pi = 0.78539816339744830962;
  const double x = quarter_pi * (static_cast<double>(rest) / static_cast<double>(period));
  const double y = x * x;
  const double cosine =
      1 -
      y / 2 *
          (1 -
           y / 12 *
               (1 -
                y / 30 *
                    (1 - y / 56 * (1 - y / 90 * (1 - y / 132 * (1 - y / 182 * (1 - y / 240)))))));
  const double sine =
      x *
      (1 -
       y / 6 *
           (1 -
            y / 20 * (1 - y / 42 * (1 - y / 72 * (1 - y / 110 * (1 - y / 156 * (1 - y / 210)))))));
  switch (octant) {
    case 0:
      return {cosine, sine};
    case 1:
      return {sine, cosine};
    case 2:
      return {-sine, cosine};
    case 3:
      return {-cosine, sine};
    case 4:
      return {-cosine, -sine};
    case 5:
      return {-sine, -cosine};
    case 6:
      return {sine, -cosine};
    default:
      return {cosine, -sine};
  }
}

}  // namespace mm
