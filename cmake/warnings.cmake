# Flags every target of ours is compiled with. `mm_options` carries them; third-party headers are SYSTEM and stay silent.
add_library(mm_options INTERFACE)
target_include_directories(mm_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(mm_options INTERFACE
  -Wall -Wextra -Werror
  -Wconversion -Wsign-conversion  # a silent narrowing of a price or a size is a loss of money
  -Wshadow                        # two things of one name in one scope: the reader guesses
  -Wnon-virtual-dtor -Woverloaded-virtual
  -Wold-style-cast                # C casts hide what they do
  -Wdouble-promotion              # float never appears; if it does, say so
  -Wformat=2
  -Wno-missing-field-initializers # designated initialisers leave the rest at its default on purpose
  # Determinism (docs/architecture.md): no contraction, no compile-time libm.
  -ffp-contract=off -fno-fast-math
  -fno-builtin-exp -fno-builtin-log -fno-builtin-pow -fno-builtin-log1p -fno-builtin-expm1 -fno-builtin-tanh)
target_compile_definitions(mm_options INTERFACE EIGEN_DONT_VECTORIZE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(mm_options INTERFACE
    -fno-semantic-interposition # under -fPIC gcc else calls even its own functions as if they could be replaced
    -Wno-maybe-uninitialized # gcc 12 reports it inside std::variant and std::optional copies
    -Wno-restrict)           # gcc 12 at -O3 reports it inside std::string's operator+ (its bug 105651)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(mm_options INTERFACE
    -Wno-deprecated-declarations) # libstdc++ 12's own std::stable_sort uses get_temporary_buffer
endif()
# -Wpedantic stays off: __int128 is not ISO C++, and money needs it.

if(MM_SANITIZE)
  add_compile_options(-fsanitize=${MM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${MM_SANITIZE})
endif()

# mm_library(NAME SOURCES... LINKS targets...)
function(mm_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC mm_options ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
endfunction()

# mm_test(NAME SOURCES... LINKS targets...): one GoogleTest binary, one ctest entry. Its label is the folder under tests/ it
# stands in ("engine", "engine/det"), and the target test_<first folder> builds every test of that folder: ./dev test picks by
# these two. Under a sanitizer the time limit is four times as long.
function(mm_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE mm_options ${ARG_LINKS} GTest::gtest GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE MM_SOURCE_DIR="${CMAKE_SOURCE_DIR}" MM_BINARY_DIR="${CMAKE_BINARY_DIR}")
  add_test(NAME ${name} COMMAND ${name})

  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(MM_SANITIZE)
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 4")
  endif()
  file(RELATIVE_PATH folder ${CMAKE_SOURCE_DIR}/tests ${CMAKE_CURRENT_SOURCE_DIR})
  if(folder STREQUAL "")
    set(folder "tree")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${folder};${ARG_LABELS}")

  string(REGEX REPLACE "/.*" "" group ${folder})
  if(NOT TARGET test_${group})
    add_custom_target(test_${group})
  endif()
  add_dependencies(test_${group} ${name})
endfunction()
