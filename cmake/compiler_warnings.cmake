# One place for the warnings of our own code; packages switch -Werror off.
option(ANNEXA_WERROR "Treat warnings as errors" ON)
add_library(annexa_warnings INTERFACE)
target_compile_options(annexa_warnings INTERFACE -Wall -Wextra -Wconversion -Wshadow $<$<BOOL:${ANNEXA_WERROR}>:-Werror>)
