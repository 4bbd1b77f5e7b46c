#pragma once

// Every call of operator new of the program is counted: for tests that say "takes no memory".
// A test that wants this lists counted_new.cpp among its sources.

#include <cstddef>

namespace mm::test {

std::size_t allocations();

}  // namespace mm::test
