#include "cli/completion.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <vector>

namespace mm::cli {
namespace {

struct Word {
  std::string text;
  std::string help;
};

/// What may follow: the long options (own and global) and the subcommands of `app`.
std::vector<Word> words_of(const CLI::App& app) {
  std::vector<Word> words;
  for (const CLI::App* level = &app; level != nullptr; level = level->get_parent())
    for (const CLI::Option* option : level->get_options())
      for (const std::string& name : option->get_lnames())
        words.push_back({"--" + name, option->get_description()});
  for (const CLI::App* sub : app.get_subcommands({}))
    words.push_back({sub->get_name(), sub->get_description()});
  return words;
}

std::string joined(const std::vector<Word>& words) {
  std::string text;
  for (const Word& word : words) text += (text.empty() ? "" : " ") + word.text;
  return text;
}

std::string bash(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* sub : app.get_subcommands({}))
    cases += fmt::format("      {}) words='{}';;\n", sub->get_name(), joined(words_of(*sub)));
  return fmt::format(R"(_mmctl() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words='{}' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $word in
{}    esac
  done
  if [[ $current == -* || $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$current"))
  else
    COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
  fi
}}
complete -o filenames -F _mmctl mmctl
)",
                     joined(words_of(app)), cases);
}

std::string zsh(const CLI::App& app) {
  return "#compdef mmctl\nautoload -U +X bashcompinit && bashcompinit\n" + bash(app);
}

std::string quoted(std::string text) {
  for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\\'");
  return "'" + text + "'";
}

std::string fish(const CLI::App& app) {
  std::string script;
  const auto add = [&](const std::string& condition, const Word& word) {
    const bool option = word.text.starts_with("--");
    script +=
        fmt::format("complete -c mmctl {} {} {} -d {}\n", option ? "" : "-f",
                    condition.empty() ? "" : "-n '" + condition + "'",
                    option ? "-l " + word.text.substr(2) : "-a " + word.text, quoted(word.help));
  };
  for (const Word& word : words_of(app)) {
    const bool option = word.text.starts_with("--");
    add(option ? "" : "__fish_use_subcommand", word);
  }
  for (const CLI::App* sub : app.get_subcommands({})) {
    for (const CLI::Option* option : sub->get_options())
      for (const std::string& name : option->get_lnames())
        add("__fish_seen_subcommand_from " + sub->get_name(),
            {"--" + name, option->get_description()});
    for (const CLI::App* below : sub->get_subcommands({}))
      add("__fish_seen_subcommand_from " + sub->get_name(),
          {below->get_name(), below->get_description()});
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash(app);
  if (shell == "zsh") return zsh(app);
  return fish(app);
}

}  // namespace mm::cli
