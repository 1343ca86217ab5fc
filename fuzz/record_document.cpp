// A record's file as people wrote it: what is read comes back as it was, by the same bytes.
#include "cli/isms/record_document.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace {

using namespace annexa::cli;
using nlohmann::json;

Kinds known_kinds() {
    const auto field = [](const char* name, const char* type, bool many, json members) {
        return json{{"name", name}, {"type", type},      {"description", ""},        {"required", false},
                    {"many", many}, {"computed", false}, {"choices", json::array()}, {"members", std::move(members)}};
    };
    const json none = json::array();
    json fields = json::array();
    for (const char* type : {"line", "text", "integer", "number", "boolean"}) {
        fields.push_back(field(type, type, false, none));
        fields.push_back(field((std::string{type} + "s").c_str(), type, true, none));
    }
    fields.push_back(field("group", "group", false, fields));
    fields.push_back(field("groups", "group", true, fields));
    return Kinds{{{"kinds", json::array({{{"kind", "a"},
                                          {"plural", "as"},
                                          {"title", ""},
                                          {"step", 1},
                                          {"clauses", ""},
                                          {"key", ""},
                                          {"single", false},
                                          {"approvable", false},
                                          {"fields", fields},
                                          {"actions", none}}})}}};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
    static const Kinds kinds = known_kinds();
    try {
        const RecordDocument read = read_document({reinterpret_cast<const char*>(data), size}, "f", kinds);
        const std::string yaml = to_yaml(read, kinds.get("a"));
        const RecordDocument again = read_document(yaml, "f", kinds);
        if (*again.members != *read.members || again.id != read.id || again.version != read.version) std::abort();
        if (to_yaml(again, kinds.get("a")) != yaml) std::abort();
    } catch (const annexa::evidence::error&) {
    }
    return 0;
}
