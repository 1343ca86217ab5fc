# annexa_embed(TARGET NAME NAME BASE DIR FILES …): puts files into the program, as they are, and defines
#   const std::map<std::string, std::string_view>& annexa::embedded::NAME();   // path below BASE → bytes
# declared in the generated header "embedded/NAME.hpp". The assembler's .incbin reads them: no slow byte arrays.
function(annexa_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "NAME;BASE" "FILES")
  set(header ${CMAKE_BINARY_DIR}/embedded/${arg_NAME}.hpp)
  set(source ${CMAKE_BINARY_DIR}/embedded/${arg_NAME}.cpp)
  set(externs "")
  set(entries "")
  set(assembly "")
  set(number 0)
  foreach(file IN LISTS arg_FILES)
    file(RELATIVE_PATH path ${arg_BASE} ${file})
    set(symbol annexa_embedded_${arg_NAME}_${number})
    string(APPEND assembly "asm(\".pushsection .rodata\\n.global ${symbol}_begin\\n.global ${symbol}_end\\n${symbol}_begin:\\n.incbin \\\"${file}\\\"\\n${symbol}_end:\\n.byte 0\\n.popsection\\n\");\n")
    string(APPEND externs "extern const char ${symbol}_begin[];\nextern const char ${symbol}_end[];\n")
    string(APPEND entries "        {\"${path}\", {${symbol}_begin, static_cast<std::size_t>(${symbol}_end - ${symbol}_begin)}},\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(CONFIGURE OUTPUT ${header} @ONLY CONTENT "#pragma once
#include <map>
#include <string>
#include <string_view>
namespace annexa::embedded {
const std::map<std::string, std::string_view>& @arg_NAME@();
}
")
  file(CONFIGURE OUTPUT ${source} @ONLY CONTENT "#include \"embedded/@arg_NAME@.hpp\"
#include <cstddef>
@assembly@extern \"C\" {
@externs@}
namespace annexa::embedded {
const std::map<std::string, std::string_view>& @arg_NAME@() {
    static const std::map<std::string, std::string_view> files{
@entries@    };
    return files;
}
}
")
  set_source_files_properties(${source} PROPERTIES OBJECT_DEPENDS "${arg_FILES}")
  target_sources(${target} PRIVATE ${source})
  target_include_directories(${target} PUBLIC ${CMAKE_BINARY_DIR})
endfunction()
