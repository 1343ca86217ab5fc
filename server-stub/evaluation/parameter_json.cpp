#include "server-stub/evaluation/parameter_json.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/encoding.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store {

using nlohmann::json;

json cell_to_json(const evidence::Value& value) {
    // canonical_row() is the one place that knows how a cell is written.
    return json::parse(evidence::canonical_row({value})).front();
}

evidence::Value cell_from_json(const json& value) {
    if (value.is_null()) return std::monostate{};
    if (value.is_boolean()) return value.get<bool>();
    if (value.is_number_integer()) return value.get<std::int64_t>();
    if (value.is_number()) return value.get<double>();
    if (value.is_string()) return value.get<std::string>();
    if (value.is_object() && value.size() == 1 && value.contains("base64") && value["base64"].is_string())
        return evidence::from_base64(value["base64"].get_ref<const std::string&>());
    throw evidence::error("expected a cell: null, boolean, number, string or {\"base64\"}");
}

json row_to_json(const evidence::Row& row) { return json::parse(evidence::canonical_row(row)); }

evidence::Row row_from_json(const json& value) {
    evidence::Row row;
    for (const json& cell : value) row.push_back(cell_from_json(cell));
    return row;
}

std::string parameters_to_json(const policies::Parameters& parameters) {
    json object = json::object();
    for (const auto& [name, value] : parameters)
        object[name] = value.list ? row_to_json(value.values) : cell_to_json(value.values.at(0));
    return evidence::canonical_json(object);
}

policies::Parameters parameters_from_json(std::string_view text) {
    const json object = evidence::parse_json(text);
    if (!object.is_object()) throw evidence::error("expected an object of parameters");
    policies::Parameters parameters;
    for (const auto& [name, value] : object.items())
        parameters.emplace(name, value.is_array() ? policies::ParameterValue{true, row_from_json(value)}
                                                  : policies::ParameterValue::of(cell_from_json(value)));
    return parameters;
}

}  // namespace annexa::store
