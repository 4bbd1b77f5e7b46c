#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "cli/probe/functions.hpp"
#include "engine/hash.hpp"

namespace mm::probe {
namespace {

using Json = nlohmann::json;

/// models.md, Appendix B: numbers within the tolerance, everything else equal, extra keys allowed.
void expect_match(const Json& got, const Json& wanted, double abs, double rel,
                  const std::string& where) {
  if (wanted.is_object()) {
    for (const auto& [key, value] : wanted.items()) {
      ASSERT_TRUE(got.contains(key)) << where << "." << key;
      expect_match(got.at(key), value, abs, rel, where + "." + key);
    }
  } else if (wanted.is_array()) {
    ASSERT_EQ(got.size(), wanted.size()) << where;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      expect_match(got[i], wanted[i], abs, rel, where + "[" + std::to_string(i) + "]");
  } else if (wanted.is_number()) {
    ASSERT_TRUE(got.is_number()) << where;
    const double value = wanted.get<double>();
    EXPECT_LE(std::fabs(got.get<double>() - value), abs + rel * std::fabs(value))
        << where << ": " << got << " wanted " << wanted;
  } else {
    EXPECT_EQ(got, wanted) << where;
  }
}

Json model_cases() {
  std::ifstream file{MM_SOURCE_DIR "/tests/fixtures/model-cases/cases.json"};
  return Json::parse(file);
}

TEST(Probe, AnswersTheNumericCases) {
  const Json cases = model_cases();
  ASSERT_GE(cases.size(), 70u);
  for (const Json& each : cases) {
    const Answer got = answer(each.dump());
    EXPECT_EQ(got.exit_code, 0) << got.json;
    const Json output = Json::parse(got.json);
    ASSERT_TRUE(output.contains("output")) << got.json;
    expect_match(output.at("output"), each.at("expect"), each.at("tol").at("abs").get<double>(),
                 each.at("tol").at("rel").get<double>(), each.at("id").get<std::string>());
  }
}

TEST(Probe, SignsTheHyperliquidVectors) {
  std::ifstream file{MM_SOURCE_DIR "/tests/fixtures/hyperliquid/signing_vectors.json"};
  const Json vectors = Json::parse(file).at("vectors");
  ASSERT_EQ(vectors.size(), 26u);
  for (const Json& vector : vectors) {
    Json input = vector;
    Json wanted = Json::object();
    for (const char* key :
         {"msgpack_hex", "connection_id", "eip712_digest", "signature", "signatures"}) {
      if (!vector.contains(key)) continue;
      wanted[key] = vector[key];
      if (vector.at("kind") != "agent_only" || std::string(key) != "connection_id")
        input.erase(key);
    }
    const Answer got = answer(Json{{"fn", "hyperliquid.sign"}, {"input", input}}.dump());
    EXPECT_EQ(got.exit_code, 0) << got.json;
    expect_match(Json::parse(got.json).at("output"), wanted, 0, 0, vector.at("id"));
  }
}

TEST(Probe, RefusesAKeyThatIsNoneWithoutShowingIt) {
  const Answer got =
      answer(R"({"fn":"hyperliquid.sign","input":{"kind":"agent_only","private_key":"0xsecret"}})");
  EXPECT_EQ(got.exit_code, 2);
  EXPECT_EQ(got.json.find("secret"), std::string::npos);
}

TEST(Probe, SpeaksHexadecimalFloats) {
  const auto ask = [](const char* text) { return answer(text).json; };
  EXPECT_EQ(ask(R"({"fn":"det.exp","input":{"x":"0x1p+0"}})"),
            R"({"output":"0x1.5bf0a8b145769p+1"})");
  EXPECT_EQ(ask(R"({"fn":"det.log","input":{"x":["0x1p+0","0x1p+1","-0x1p+0","0x0p+0"]}})"),
            R"({"output":["0x0p+0","0x1.62e42fefa39efp-1","nan","-inf"]})");
  EXPECT_EQ(ask(R"({"fn":"det.pow","input":{"x":"0x1.8p+1","y":"0x1p+1"}})"),
            R"({"output":"0x1.2p+3"})");
  EXPECT_EQ(ask(R"({"fn":"det.pow","input":{"x":["0x1p+1","0x1p+2"],"y":["0x1p-1","0x1p-1"]}})"),
            R"({"output":["0x1.6a09e667f3bcdp+0","0x1p+1"]})");
  EXPECT_EQ(ask(R"({"fn":"det.expm1","input":{"x":"-0x0p+0"}})"), R"({"output":"-0x0p+0"})");
  EXPECT_EQ(ask(R"({"fn":"det.log1p","input":{"x":"0x1p-60"}})"), R"({"output":"0x1p-60"})");
  EXPECT_EQ(ask(R"({"fn":"det.tanh","input":{"x":"inf"}})"), R"({"output":"0x1p+0"})");
}

TEST(Probe, SaysWhatItCannotDo) {
  EXPECT_EQ(answer(R"({"fn":"mi.ksg","input":{}})").json, R"({"error":"not implemented"})");
  EXPECT_EQ(answer(R"({"fn":"mi.ksg","input":{}})").exit_code, 0);
  for (const char* text :
       {"", "{", "[]", R"({"fn":3,"input":{}})", R"({"input":{}})", R"({"fn":"det.exp"})",
        R"({"fn":"det.exp","input":{"x":"one"}})", R"({"fn":"det.exp","input":{"x":{}}})",
        R"({"fn":"det.pow","input":{"x":["1"],"y":"1"}})",
        R"({"fn":"rng.splitmix64","input":{"seed":1,"n":-1}})",
        R"({"fn":"ema.hold","input":{"t":[1,0],"x":[1,1],"tau":1}})",
        R"({"fn":"ema.hold","input":{"t":[0,1],"x":[1],"tau":1}})",
        R"({"fn":"vol.rv_bv","input":{"returns":[],"dt":1}})",
        R"({"fn":"kappa.combine","input":{"kappa":[-1],"var_log":[1]}})",
        R"({"fn":"microprice.table","input":{"Q":[[1]],"R1":[[0]],"K":[1],"R2":[[0]]}})",
        R"({"fn":"glft.quote","input":{"xi":0,"kappa":1,"A":1,"sigma":1,"n_inv":0}})",
        R"({"fn":"pnl.attribution","input":{"horizon":1,"events":[["fill",0,2,1,1,0]]}})",
        R"({"fn":"pnl.attribution","input":{"horizon":1,"events":[["mark",5,1],["mark",4,1]]}})"}) {
    const Answer got = answer(text);
    EXPECT_EQ(got.exit_code, 2) << text;
    EXPECT_TRUE(Json::parse(got.json).contains("error")) << text;
  }
}

/// What the program says to one case on stdin, with `environment` before it.
std::string said_by_program(const std::string& input, const std::string& environment = {}) {
  const std::string path = testing::TempDir() + "probe_input.json";
  std::ofstream{path} << input;
  const std::string command = environment + " '" MM_PROBE "' < '" + path + "'";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  for (int c = 0; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
  pclose(pipe);
  return output;
}

// The digest was made by g++ and stands for every build: compilers and levels must agree with it.
TEST(Probe, SaysTheSameInEveryBuild) {
  std::string all;
  for (const Json& each : model_cases()) all += answer(each.dump()).json + '\n';
  std::ifstream file{MM_SOURCE_DIR "/tests/fixtures/model-cases/answers.xxh3"};
  std::string wanted;
  file >> wanted;
  EXPECT_EQ(fmt::format("{:016x}", hash64(std::as_bytes(std::span{all}))), wanted) << all;
}

TEST(Probe, SaysTheSameWithoutTheProcessorsFeatures) {
  const std::string masked =
      "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-AVX512F,-ERMS,-BMI2";
  for (const Json& each : model_cases()) {
    const std::string input = each.dump();
    const std::string plain = said_by_program(input);
    EXPECT_NE(plain.find("output"), std::string::npos) << each.at("id");
    EXPECT_EQ(said_by_program(input, masked), plain) << each.at("id");
    EXPECT_EQ(said_by_program(input, "MM_CPU=baseline"), plain) << each.at("id");
  }
}

// The program itself: the answer is the last line on stdout, the exit code that of the answer.
TEST(Probe, RunsAsAProgram) {
  const auto run = [](const std::string& input) {
    const std::string command = "printf '%s' '" + input + "' | '" MM_PROBE "'";
    std::FILE* pipe = popen(command.c_str(), "r");
    std::string output;
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;) output += static_cast<char>(c);
    return std::pair{output, WEXITSTATUS(pclose(pipe))};
  };
  EXPECT_EQ(run(R"({"fn":"det.exp","input":{"x":"0x0p+0"}})"),
            (std::pair<std::string, int>{"{\"output\":\"0x1p+0\"}\n", 0}));
  EXPECT_EQ(run("nonsense").second, 2);
}

}  // namespace
}  // namespace mm::probe
