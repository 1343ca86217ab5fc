# One place for the warnings of our own code; packages switch -Werror off.
option(ANNEXA_WERROR "Treat warnings as errors" ON)
add_library(annexa_warnings INTERFACE)
target_compile_options(annexa_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${ANNEXA_WERROR}>:-Werror>)

# GCC 12 sees an uninitialized string in every std::variant that it inlines (its bug 105562 and kin), and overlapping copies in
# literal + std::string (105329): at -O2 alone, and wrongly.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 14)
  target_compile_options(annexa_warnings INTERFACE -Wno-maybe-uninitialized -Wno-restrict)
endif()
