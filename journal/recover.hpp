#pragma once

// What a writer does to a journal before it begins its own session.

#include <filesystem>

#include "journal/block_log.hpp"
#include "journal/writer.hpp"

namespace mm::journal::detail {

/// Seals the records a killed writer left in its tail, ends its session, removes what it does not
/// need any more. May itself be killed at any point and run again. Needs the lock.
RecoveryReport recover(Disk& disk, const std::filesystem::path& dir,
                       const BlockLogOptions& options);

/// Where a new session of the journal in `dir` starts: numbers, chain. A fresh journal gets
/// `journal` as its id. Throws if the journal is too damaged to be continued.
LogState next_session(const std::filesystem::path& dir, const Uuid& journal);

}  // namespace mm::journal::detail
