# mm_det_builds: engine/det with determinism_main.cpp, compiled from scratch by every compiler there is, with flags that
# change what doubles do. None of our usual flags is among them: the functions may not need them.

set(sources ${CMAKE_CURRENT_SOURCE_DIR}/determinism_main.cpp)
foreach(name exact_power exp log pow second_step self_check tanh wide)
  list(APPEND sources ${CMAKE_SOURCE_DIR}/engine/det/${name}.cpp)
endforeach()
file(GLOB headers CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/engine/det/*.hpp)

set(mm_det_builds)
function(mm_det_build compiler name)
  set(program ${CMAKE_CURRENT_BINARY_DIR}/det_${name})
  add_custom_command(OUTPUT ${program}
    COMMAND ${compiler} -std=c++20 -I${CMAKE_SOURCE_DIR} ${ARGN} ${sources} -o ${program}
    DEPENDS ${sources} ${headers} VERBATIM
    COMMENT "Building mm::det as ${name}")
  set(mm_det_builds ${mm_det_builds} ${program} PARENT_SCOPE)
endfunction()

find_program(MM_OTHER_GCC NAMES g++-12 g++)
find_program(MM_OTHER_CLANG NAMES clang++-19)
set(native)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  set(native -march=x86-64-v3)
endif()
if(MM_OTHER_GCC)
  mm_det_build(${MM_OTHER_GCC} gcc_O0 -O0)
  mm_det_build(${MM_OTHER_GCC} gcc_O3_contract -O3 ${native} -ffp-contract=fast)
  mm_det_build(${MM_OTHER_GCC} gcc_O2_rounding -O2 -frounding-math -fwrapv)
else()
  message(STATUS "no g++: its builds of mm::det are not compared")
endif()
if(MM_OTHER_CLANG)
  mm_det_build(${MM_OTHER_CLANG} clang_O0 -O0)
  mm_det_build(${MM_OTHER_CLANG} clang_O2 -O2)
  mm_det_build(${MM_OTHER_CLANG} clang_O3_contract -O3 ${native} -ffp-contract=fast)
else()
  message(STATUS "no clang++-19: its builds of mm::det are not compared")
endif()
