# Compiler, warnings, optimisation and instrumentation: one place for all targets.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
# Dev: assertions and library checks on, quick to compile, honest stack traces.
set(CMAKE_CXX_FLAGS_DEV "-O1 -g1 -fno-omit-frame-pointer -D_GLIBCXX_ASSERTIONS")
set(CMAKE_EXE_LINKER_FLAGS_DEV "")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG -D_FORTIFY_SOURCE=2 -fstack-protector-strong")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
                    -Woverloaded-virtual -Wnull-dereference -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False positives of g++ 12 inside coroutine frames and Asio, at every optimisation level.
  add_compile_options(-Wno-null-dereference -Wno-maybe-uninitialized -Wno-dangling-pointer
                      -Wno-mismatched-new-delete -Wno-array-bounds -Wno-stringop-overflow -Wno-restrict)
endif()
if(EDW_WERROR)
  add_compile_options(-Werror)
endif()
if(EDW_SANITIZE)
  add_compile_options(-fsanitize=${EDW_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${EDW_SANITIZE})
endif()
if(EDW_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ON)
endif()

# Every malloc of a program, also those of the libraries, is mimalloc's: a tenth of what a message costs. A sanitizer brings its own.
# The C++ runtime is linked in: of its shared library a program uses little and keeps much resident.
function(edw_program name)
  if(NOT EDW_SANITIZE)
    target_link_libraries(${name} PRIVATE mimalloc)
    target_link_options(${name} PRIVATE -static-libstdc++ -static-libgcc)
  endif()
endfunction()
