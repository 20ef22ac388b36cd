# limits.cmake - no test runs for ever
#
#   ost_takes(<seconds> <test>...)  what each takes on a quiet machine
#   ost_limit_tests()               at the top of a folder that adds tests
#
# Every test of such a folder is stopped after ten times what it takes, and
# not before a quarter of an hour, for others may build beside it; one that
# nothing was said of takes less than that. One that has a limit of its own
# keeps it. The limits are set when all of the folder was read, so that no test,
# however it was added, is without.

set(OST_LIMIT_LEAST 900)

function(ost_takes seconds)
  foreach(test IN LISTS ARGN)
    set_property(DIRECTORY PROPERTY OST_TAKES_${test} ${seconds})
  endforeach()
endfunction()

function(ost_set_limits)
  get_property(tests DIRECTORY PROPERTY TESTS)
  foreach(test IN LISTS tests)
    get_property(seconds DIRECTORY PROPERTY OST_TAKES_${test})
    set(limit ${OST_LIMIT_LEAST})
    if(seconds GREATER 90)
      math(EXPR limit "10 * ${seconds}")
    endif()
    get_property(own TEST ${test} PROPERTY TIMEOUT)
    if(NOT own)
      set_tests_properties(${test} PROPERTIES TIMEOUT ${limit})
    endif()
  endforeach()
endfunction()

function(ost_limit_tests)
  cmake_language(DEFER CALL ost_set_limits)
endfunction()
