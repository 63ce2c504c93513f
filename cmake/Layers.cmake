# edw_library(NAME FOLDER SOURCES... LINKS...): a static library for one folder of the house.
#
# Headers are written "folder/name.hpp". Each target publishes an include directory that holds nothing but a
# link to its own folder, so a header can be included only by a target that links its owner: a wrong include
# does not build (tests/layers shows it).
function(edw_library name folder)
  cmake_parse_arguments(arg "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  edw_publish(${name} ${folder})
  target_link_libraries(${name} PUBLIC ${arg_LINKS} PRIVATE ${arg_PRIVATE_LINKS})
endfunction()

function(edw_publish name folder)
  set(stage "${CMAKE_BINARY_DIR}/include/${name}")
  cmake_path(GET folder PARENT_PATH parent)
  file(MAKE_DIRECTORY "${stage}/${parent}")
  if(NOT EXISTS "${stage}/${folder}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${stage}/${folder}" SYMBOLIC)
  endif()
  target_include_directories(${name} PUBLIC "${stage}")
endfunction()
