#pragma once

// Completion scripts for bash, zsh and fish, made from the command line's own definition.

#include <string>

namespace CLI {
class App;
}

namespace mm::cli {

/// `shell` is bash, zsh or fish.
std::string completion_script(const CLI::App& app, const std::string& shell);

}  // namespace mm::cli
