#pragma once

// Damage: a place of a journal that cannot be read, named so that a person can act on it.

#include <cstdint>
#include <string>

#include "engine/types.hpp"

namespace mm::journal {

/// What is wrong where. The records in [first_seq, end_seq) are lost to the reader; equal bounds
/// mean that no record is (a header, padding or checkpoint is hit). Everything else stays readable.
struct Damage {
  std::string file;          ///< name inside the journal directory
  std::uint64_t offset = 0;  ///< byte in the file where the damaged thing starts
  std::string what;          ///< what was found and what was expected
  std::string action;        ///< what to do about it
  Seq first_seq;
  Seq end_seq;
};

/// "journal: cannot read 000003.mmj: byte 65536: <what>; <action>".
std::string to_string(const Damage& damage);

}  // namespace mm::journal
