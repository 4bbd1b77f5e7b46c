#pragma once

// The only file that includes Cap'n Proto and the code generated from schemas/.

#include <kj/string.h>

// Cap'n Proto 0.9 compares `const char* == kj::StringPtr` and in C++20 leaves it to the compiler to
// turn the member operator round. clang from 16 on does not (P2468: the class also has a member
// operator!=), so the operator is declared here.
#if defined(__clang__) && __clang_major__ >= 16
namespace kj {
inline bool operator==(const char* a, StringPtr b) {
  return b.operator==(StringPtr(a));
}
}  // namespace kj
#endif

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/exception.h>

#include "block.capnp.h"
#include "event.capnp.h"
