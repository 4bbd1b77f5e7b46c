# LLVM's C library as a second oracle: mm_llvm_libc has llvm_libc_exp, _expm1, _log and _log1p, cut out of the static archive.
# The archive also defines memcpy and the like; all but the four names becomes local, so that nothing of ours can meet them.
# (It has no pow and no tanh for doubles.)

set(MM_LLVM_LIBC_DIR /usr/lib/llvm-19/lib CACHE PATH "Where libllvmlibc.a of libllvmlibc-19-dev is")
find_file(MM_LLVM_LIBC libllvmlibc.a PATHS ${MM_LLVM_LIBC_DIR} NO_DEFAULT_PATH)
if(NOT MM_LLVM_LIBC)
  message(STATUS "libllvmlibc-19-dev is not installed: mm::det is not compared with LLVM libc")
else()
  set(undefined)
  set(renamed)
  set(kept)
  foreach(name exp expm1 log log1p)
    list(APPEND undefined -u ${name})
    list(APPEND renamed --redefine-sym ${name}=llvm_libc_${name})
    list(APPEND kept --keep-global-symbol=llvm_libc_${name})
  endforeach()
  set(joined ${CMAKE_CURRENT_BINARY_DIR}/llvm_libc_joined.o)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/llvm_libc.o)
  add_custom_command(OUTPUT ${object}
    COMMAND ${CMAKE_LINKER} -r ${undefined} ${MM_LLVM_LIBC} -o ${joined}
    COMMAND ${CMAKE_OBJCOPY} ${renamed} ${joined} ${joined}
    COMMAND ${CMAKE_OBJCOPY} ${kept} ${joined} ${object}
    DEPENDS ${MM_LLVM_LIBC} VERBATIM
    COMMENT "Cutting exp, expm1, log and log1p out of LLVM libc")
  add_custom_target(mm_llvm_libc_object DEPENDS ${object})
  add_library(mm_llvm_libc INTERFACE)
  target_link_libraries(mm_llvm_libc INTERFACE ${object})
  add_dependencies(mm_llvm_libc mm_llvm_libc_object)
endif()
