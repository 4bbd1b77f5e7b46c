// Parameter sets as files: written, read, compared, refused.

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "cli/parameter_set.hpp"
#include "engine/models/model_schema.hpp"
#include "engine/outlook/parameters.hpp"
#include "engine/result.hpp"
#include "tests/cli/mmctl_runner.hpp"

namespace mm::test {
namespace {

using cli::ParameterSet;

/// The built-in values of a model, changed by `change`.
ParameterSet built_in(const std::string& model) {
  OutlookSettings settings;
  settings.gamma_base = 600;
  settings.kappa_prior = kappa_prior;
  settings.classifier.emplace();
  settings.lead_prior = LeadPrior{.lag_ms = 250, .beta = 0.9, .response = {}};
  MicropriceTable& table = settings.microprice.emplace();
  table.g[0][0] = -0.1;
  table.g[9][0] = 0.1;
  return {.model = model,
          .instrument = "hyperliquid:BTC",
          .values = model_values(settings, model),
          .provenance = Json{{"session", "abc"}, {"errors", Json{{"beta", 0.1}}}},
          .fitted = "2026-01-05T12:30:00.000000000Z",
          .hash = ""};
}

std::string write(const TempDir& directory, const std::string& name, ParameterSet set) {
  cli::seal(set);
  const std::string path = directory / name;
  cli::write_parameter_set(path, set);
  return path;
}

std::string write_text(const TempDir& directory, const std::string& name, const std::string& text) {
  const std::string path = directory / name;
  std::ofstream{path} << text;
  return path;
}

TEST(ParameterSets, EveryModelComesBackAsItWasWritten) {
  const TempDir directory;
  for (const ModelSchema& schema : model_schemas()) {
    const std::string model{schema.model};
    ParameterSet set = built_in(model);
    EXPECT_FALSE(set.values.entries().empty()) << model;
    cli::seal(set);
    const std::string file = write(directory, model + ".json", set);
    const ParameterSet read = cli::read_parameter_sets("a test", file).front();
    EXPECT_EQ(read.values, set.values) << model;
    EXPECT_EQ(read.hash, set.hash) << model;
    EXPECT_EQ(read.text(), set.text()) << model;
    // What the session is told sets the same values again.
    OutlookSettings settings;
    EXPECT_EQ(set_model_parameter(settings, "model." + model, read.text()), std::nullopt) << model;
    EXPECT_EQ(model_values(settings, model), set.values) << model;
    EXPECT_EQ(mmctl({"params", "validate", file}).exit_code, 0) << model;
    EXPECT_EQ(mmctl({"params", "show", file, "--json"}).json(), Json::parse(file_text(file)));
    EXPECT_EQ(mmctl({"params", "show", file}).exit_code, 0) << model;
  }
}

TEST(ParameterSets, WhenItWasFittedIsNoPartOfTheHash) {
  ParameterSet a = built_in("hawkes");
  ParameterSet b = a;
  b.fitted = "2030-01-01T00:00:00.000000000Z";
  cli::seal(a);
  cli::seal(b);
  EXPECT_EQ(a.hash, b.hash);
  b.values.set("beta", std::nextafter(b.values.number("beta"), 3.0));
  cli::seal(b);
  EXPECT_NE(a.hash, b.hash);
}

TEST(ParameterSets, DamageIsNamed) {
  const TempDir directory;
  const std::string good = file_text(write(directory, "good.json", built_in("hawkes")));
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return write_text(directory, "bad.json", text.replace(at, from.size(), to));
  };
  const auto refused = [&](const std::string& file, int code, const std::string& names) {
    expect_refusal(mmctl({"params", "show", file}), code, names);
    expect_refusal(mmctl({"params", "validate", file}), code, file);
    expect_refusal(mmctl({"params", "diff", file, file}), code, file);
  };
  refused(changed("\"beta\": 2.0", "\"beta\": 2.5"), 3, "was changed");
  refused(changed("\"beta\": 2.0", "\"beta\": \"two\""), 3, "values.beta");
  refused(changed("\"version\": 1", "\"version\": 9"), 3, "version");
  refused(changed("\"hash\"", "\"hush\""), 3, "'hash'");
  refused(changed("\"values\"", "\"volumes\""), 3, "'values'");
  refused(changed("\"provenance\"", "\"origin\""), 3, "'provenance'");
  refused(changed("mmctl-params", "mmctl-sim-params"), 2, "another kind");
  refused(changed("mmctl-params", "something"), 3, "another kind");
  refused(write_text(directory, "half.json", good.substr(0, good.size() / 2)), 3,
          "no parameter set");
  refused(write_text(directory, "list.json", "[1, 2]"), 3, "no parameter set");
  refused(directory / "missing.json", 3, "missing.json");
  ParameterSet alien = built_in("hawkes");
  alien.model = "weather";
  refused(write(directory, "alien.json", alien), 3, "'weather'");
}

TEST(ParameterSets, ValuesThatCannotBeAreInvalid) {
  const TempDir directory;
  const auto invalid = [&](ParameterSet set, const std::string& names) {
    const std::string file = write(directory, "invalid.json", std::move(set));
    const Outcome run = mmctl({"params", "validate", file, "--json"});
    EXPECT_EQ(run.exit_code, 1) << run.err;
    EXPECT_FALSE(run.json()["valid"].get<bool>());
    EXPECT_NE(run.json()["files"][0]["problems"].dump().find(names), std::string::npos) << run.out;
    // Nor does anything use it.
    EXPECT_THROW(cli::read_parameter_sets("a test", file), Error);
  };
  ParameterSet set = built_in("hawkes");
  set.values.set("alpha", 1.9);
  invalid(set, "explodes");
  set = built_in("hawkes");
  set.values.set("gamma", 1.0);
  invalid(set, "gamma is no parameter");
  set = built_in("hawkes");
  set.values.set("mu0", -1.0);
  invalid(set, "mu0 = -1");
  set = built_in("kappa");
  set.values.set("prior", std::vector<MaybeNumber>{});
  invalid(set, "prior has 0 numbers");
  set = built_in("regime");
  auto transition = *set.values.find("transition");
  *transition[1] += 0.01;
  set.values.set("transition", transition);
  invalid(set, "row 0 of transition");
  set = built_in("regime");
  auto initial = *set.values.find("initial");
  initial[2].reset();
  set.values.set("initial", initial);
  invalid(set, "initial[2] is absent");
  set = built_in("microprice");
  auto g = *set.values.find("g");
  *g[0] = -0.3;
  set.values.set("g", g);
  invalid(set, "mirror image");
  set = built_in("lead_lag");
  std::vector<MaybeNumber> response(251, 0.5);
  set.values.set("response", response);
  invalid(set, "response ends at 0.5");
}

TEST(ParameterSets, DifferencesThatMatterAreTold) {
  const TempDir directory;
  ParameterSet a = built_in("hawkes");
  ParameterSet b = a;
  b.values.set("beta", 2.2);    // 1.4 errors of 0.1 * sqrt 2
  b.values.set("mu0", 0.51);    // two per cent
  b.values.set("alpha", 0.36);  // a fifth
  const std::string file_a = write(directory, "a.json", a), file_b = write(directory, "b.json", b);
  const Json diff = mmctl({"params", "diff", file_a, file_b, "--json"}).json();
  EXPECT_EQ(diff["different"], 3);
  EXPECT_EQ(diff["matter"], 1);
  for (const Json& value : diff["values"]) {
    EXPECT_EQ(value["matters"].get<bool>(), value["name"] == "alpha") << value;
    if (value["name"] == "alpha") {
      EXPECT_NEAR(value["relative"].get<double>(), 0.2, 1e-12);
    }
    if (value["name"] == "beta") {
      EXPECT_NEAR(value["errors"].get<double>(), std::sqrt(2.0), 1e-9);
    }
  }
  const Outcome text = mmctl({"params", "diff", file_a, file_b});
  EXPECT_NE(text.out.find("3 of 13 values differ, 1 of them"), std::string::npos) << text.out;
  EXPECT_EQ(mmctl({"params", "diff", file_a, file_a, "--json"}).json()["different"], 0);
  expect_refusal(mmctl({"params", "diff", file_a, write(directory, "k.json", built_in("kappa"))}),
                 2, "of one");
  EXPECT_EQ(mmctl({"params", "diff", file_a}).exit_code, 2);
  EXPECT_EQ(mmctl({"params"}).exit_code, 2);
}

TEST(ParameterSets, NumbersKeepEveryBit) {
  std::string problem;
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, -0.0, 123456789.125}) {
    ModelValues values;
    values.set("x", value);
    const auto read = ModelValues::parse(values.format(), problem);
    ASSERT_TRUE(read.has_value()) << problem;
    EXPECT_EQ(std::signbit(read->number("x")), std::signbit(value));
    EXPECT_EQ(read->number("x"), value);
    EXPECT_EQ(read->format(), values.format());
  }
  for (const char* text : {"x", "=1", "x=one", "x=1,", "x=nan", "x=inf", "x=1\nx=2", "X=1"})
    EXPECT_FALSE(ModelValues::parse(text, problem).has_value()) << text;
  EXPECT_EQ(ModelValues::parse("hash=ab\nx=1,-\n", problem)->format(), "hash=ab\nx=1,-\n");
}

}  // namespace
}  // namespace mm::test
