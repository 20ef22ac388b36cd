# layer.cmake - declares a layer of ostcore, and holds it to its place
#
#   ost_layer(<name> SOURCES <file>... [FACE <header>...] [USES <layer>...]
#             [LIBS <library>...])
#
# Builds ostcore/<name>/<file>... as the library ost_<name>, or as a part of
# libost.so, and adds the test layer.<name>, which fails if a file in the folder
# includes
#   - a header of a layer not in USES, or
#   - a header that is not part of that layer's FACE (default: <name>.h).
# Headers are always included as "<layer>/<header>".
#
# A layer may be a room of another: ost_layer(mail/rtf ...). Its library is
# ost_mail_rtf, its test layer.mail.rtf, and no folder holds what is in the
# folders below it.

function(ost_layer name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FACE;USES;LIBS")
  string(REPLACE / _ target ost_${name})
  string(REPLACE / . test layer.${name})
  if(NOT arg_FACE)
    get_filename_component(last ${name} NAME)
    set(arg_FACE ${last}.h)
  endif()

  list(TRANSFORM arg_SOURCES PREPEND ${name}/ REGEX "^[^/]")
  set(compiled ${target})
  set(in_one OFF) # a layer elsewhere is for one program, with what that needs
  if(OST_ONE_LIBRARY AND
     CMAKE_CURRENT_SOURCE_DIR STREQUAL CMAKE_CURRENT_FUNCTION_LIST_DIR)
    set(in_one ON)
  endif()
  if(in_one) # who links with a layer gets all of them
    set(compiled ${target}_objects)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ost)
    target_include_directories(${target} INTERFACE ${CMAKE_CURRENT_SOURCE_DIR})
    add_library(${compiled} OBJECT ${arg_SOURCES})
    target_link_libraries(ost PRIVATE ${compiled})
  else()
    add_library(${compiled} ${OST_LIBRARIES} ${arg_SOURCES})
  endif()
  target_include_directories(${compiled} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(${compiled} PRIVATE ${arg_LIBS} Threads::Threads)

  set(allowed "${name}/[^/\"]*") # its own headers, private ones too
  foreach(used IN LISTS arg_USES)
    string(REPLACE / _ used ost_${used})
    if(NOT in_one)
      target_link_libraries(${target} PUBLIC ${used})
    endif()
    get_target_property(face ${used} OST_FACE)
    list(APPEND allowed ${face})
  endforeach()
  list(TRANSFORM arg_FACE PREPEND ${name}/)
  set_target_properties(${target} PROPERTIES OST_FACE "${arg_FACE}")

  list(JOIN allowed "|" allowed)
  add_test(NAME ${test}
           COMMAND ${CMAKE_COMMAND} -D "folder=${CMAKE_CURRENT_SOURCE_DIR}/${name}"
                   -D "allowed=${allowed}"
                   -P ${CMAKE_CURRENT_FUNCTION_LIST_FILE})
endfunction()

# Run with -P, this file is the test.
if(CMAKE_SCRIPT_MODE_FILE)
  file(GLOB files ${folder}/*.[ch])
  foreach(file IN LISTS files)
    file(STRINGS ${file} includes REGEX "^#include \"")
    foreach(include IN LISTS includes)
      if(NOT include MATCHES "^#include \"(${allowed})\"$")
        message(SEND_ERROR "${file}: out of its layer: ${include}")
      endif()
    endforeach()
  endforeach()
endif()
