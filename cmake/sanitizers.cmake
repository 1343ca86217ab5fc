# ANNEXA_SANITIZE=address brings ASan and UBSan, thread TSan, coverage gcov.
# UBSan with ASan costs 146 s and 2.3 GB on the file that includes Beast: that file takes ASan alone (server-stub/CMakeLists.txt).
if(ANNEXA_SANITIZE STREQUAL "address")
  add_compile_options(-fsanitize=address -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ANNEXA_SANITIZE STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(ANNEXA_SANITIZE STREQUAL "coverage")
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()

# The fuzzer steers by the coverage of our own libraries, so they are instrumented too; a target alone links its main.
if(ANNEXA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
endif()
