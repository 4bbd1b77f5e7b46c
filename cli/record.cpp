// mmctl record: a session from capture files, with paper execution or none.

#include "cli/recording.hpp"

namespace mm::cli {

int record(const Globals& globals, const RecordOptions& options) {
  print_recording(globals, run_recording(globals, options));
  return 0;
}

}  // namespace mm::cli
