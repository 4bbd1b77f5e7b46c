// mmctl import: other recordings become a journal in which nobody quotes.

#include <fmt/format.h>

#include "cli/recording.hpp"
#include "engine/result.hpp"

namespace mm::cli {

int import_files(const Globals& globals, const ImportOptions& options) {
  const bool binance = options.format == "binance-raw";
  if (!binance && options.format != "hyperliquid-archive")
    throw Error(ErrorKind::usage,
                fmt::format("import: there is no format '{}'; formats are binance-raw and "
                            "hyperliquid-archive",
                            options.format));
  if (options.instrument.starts_with("binance-") != binance)
    throw Error(ErrorKind::usage, fmt::format("import: --instrument {} is not of a venue that "
                                              "format {} comes from",
                                              options.instrument, options.format));
  RecordOptions record;
  std::string feed = options.instrument + "=";
  for (std::size_t i = 0; i < options.files.size(); ++i)
    feed += (i == 0 ? "" : ",") + options.files[i];
  record.venues = {feed};
  record.strategy = "none";
  record.execution = "none";
  record.instruments_file = options.instruments_file;
  record.raw = options.raw;
  print_recording(globals, run_recording(globals, record));
  return 0;
}

}  // namespace mm::cli
