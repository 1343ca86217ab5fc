# The standard library's headers, parsed once for all libraries: a quarter to a half of what compiling a file of ours costs.
# A compiler cache knows a file again only without them (CMAKE_DISABLE_PRECOMPILE_HEADERS, cmake/dependencies.cmake).
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/standard_headers.cpp CONTENT "")
add_library(annexa_standard_headers STATIC ${CMAKE_BINARY_DIR}/standard_headers.cpp)
target_precompile_headers(annexa_standard_headers PRIVATE
  <algorithm> <array> <charconv> <chrono> <cstdint> <filesystem> <fstream> <functional> <map> <memory> <optional> <ranges> <set>
  <span> <sstream> <string> <string_view> <variant> <vector>)

# annexa_library(NAME SOURCES … DEPENDS …): one static library a folder, its files listed, its includes rooted at the top.
function(annexa_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_library(${name} STATIC ${arg_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${arg_DEPENDS} PRIVATE annexa_warnings)
  if(NOT ANNEXA_SANITIZE)
    target_precompile_headers(${name} REUSE_FROM annexa_standard_headers)
  endif()
  if(ANNEXA_SANITIZE STREQUAL "address")
    target_compile_options(${name} PRIVATE -fsanitize=undefined)
  endif()
endfunction()

# annexa_program(NAME SOURCES … DEPENDS …): a program in build/PRESET/bin.
function(annexa_program name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;DEPENDS")
  add_executable(${name} ${arg_SOURCES})
  target_compile_definitions(${name} PRIVATE ANNEXA_VERSION="${PROJECT_VERSION}")
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} annexa_warnings)
endfunction()

# annexa_tests(NAME SOURCES … DEPENDS … [LABEL …]): a Catch2 program whose cases ctest knows one by one.
# Tests get ANNEXA_SOURCE_DIR (the checkout) and ANNEXA_BINARY_DIR (where bin/ is) as definitions.
function(annexa_tests name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "LABEL;TIMEOUT" "SOURCES;DEPENDS")
  add_executable(${name} ${arg_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  # Only to the files that ask for them: a compiler cache knows the others again in another checkout.
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(path ${source} ABSOLUTE)
    if(NOT EXISTS ${path})  # made while building
      continue()
    endif()
    file(STRINGS ${path} asks REGEX "ANNEXA_(SOURCE|BINARY)_DIR" LIMIT_COUNT 1)
    if(asks)
      set_property(SOURCE ${source} APPEND PROPERTY COMPILE_DEFINITIONS ANNEXA_SOURCE_DIR="${CMAKE_SOURCE_DIR}" ANNEXA_BINARY_DIR="${CMAKE_BINARY_DIR}")
    endif()
  endforeach()
  target_link_libraries(${name} PRIVATE ${arg_DEPENDS} annexa_test_main annexa_warnings)
  # Optimizing a test costs more than it will ever save; what it tests is optimized as the preset says.
  target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  if(NOT ANNEXA_SANITIZE)
    target_precompile_headers(${name} REUSE_FROM annexa_test_headers)
  endif()
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  catch_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES LABELS ${arg_LABEL} TIMEOUT ${arg_TIMEOUT})
endfunction()
