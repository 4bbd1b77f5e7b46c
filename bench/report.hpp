#pragma once

// The table that is printed and bench.json.

#include <string>
#include <vector>

#include "bench/harness.hpp"

namespace mm::bench {

struct Goal {
  enum class Form { at_most, at_least };
  std::string id;  ///< "1.R1": the number in the list of goals and the part of it
  std::string name;
  double limit = 0;
  Form form = Form::at_most;
};

class Report {
 public:
  /// A row of the table, printed at once. `judged` false: measured on other data than the goal is
  /// about.
  void add(const Goal& goal, const Figure& figure, bool judged, const std::string& note = {});
  /// A line between the rows: what is worth knowing beside the goals.
  void say(const std::string& line);

  /// Writes [{"id","name","measured","goal","met"}, ...]; throws Error(data) if it cannot. A figure
  /// that is not judged counts as not met.
  void write(const std::string& path) const;
  std::size_t met() const;
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    Goal goal;
    double measured = 0;
    bool met = false;
  };
  std::vector<Row> rows_;
};

}  // namespace mm::bench
