#include "policies/expected_evidence.hpp"

#include "embedded/policies_data.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"
#include "policies/catalogue.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <initializer_list>

namespace annexa::policies {
namespace {

using evidence::error;
using nlohmann::json;

constexpr std::int64_t longest_period_days = 5 * 366;

/// An object with exactly these members, or an error that says which one is not as it should be.
const json& object_of(const json& value, const std::string& where, std::initializer_list<std::string_view> members) {
    if (!value.is_object()) throw error(where + ": expected an object");
    for (const auto& [name, ignored] : value.items())
        if (std::find(members.begin(), members.end(), name) == members.end())
            throw error(where + ": unknown member \"" + name + "\"");
    for (const std::string_view name : members)
        if (!value.contains(name)) throw error(where + ": member \"" + std::string{name} + "\" is missing");
    return value;
}

std::string text_of(const json& object, const std::string& where, std::string_view member) {
    const json& value = object.at(member);
    if (!value.is_string() || value.get_ref<const std::string&>().empty())
        throw error(where + "." + std::string{member} + ": expected a text that is not empty");
    return value.get<std::string>();
}

Expected read_expected(const json& control, const std::string& id, std::string_view member) {
    const std::string where = id + "." + std::string{member};
    const json& object = object_of(control.at(member), where, {"what", "period_days"});
    const json& days = object.at("period_days");
    if (!days.is_number_integer() || days.get<std::int64_t>() < 1 || days.get<std::int64_t>() > longest_period_days)
        throw error(where + ".period_days: expected a number of days from 1 to " + std::to_string(longest_period_days));
    return {text_of(object, where, "what"), std::chrono::days{days.get<int>()}};
}

ServingSource read_source(const json& value, const std::string& id) {
    const std::string where = id + ".served_by";
    const json& object = object_of(value, where, {"kind", "source", "what"});
    const std::string kind_text = text_of(object, where, "kind");
    const std::optional<RecordKind> kind = parse_record_kind(kind_text);
    if (!kind) throw error(where + ".kind: expected rule or record, not " + kind_text);
    ServingSource source{*kind, text_of(object, where, "source"), text_of(object, where, "what")};
    const auto& known = serving_sources();
    if (std::find(known.begin(), known.end(), source.source) == known.end())
        throw error(where + ".source: a store has no records called " + source.source);
    return source;
}

ExpectedEvidence read_control(const json& value) {
    const json& object = object_of(value, "a control", {"id", "rule", "record", "holder", "served_by"});
    const std::string id = text_of(object, "a control", "id");
    const Control* control = find_control(annex_a(), id);
    if (control == nullptr) throw error(id + ": Annex A has no such control");
    ExpectedEvidence expected{
        id, read_expected(object, id, "rule"), read_expected(object, id, "record"), text_of(object, id, "holder"), {}};
    if (!object.at("served_by").is_array()) throw error(id + ".served_by: expected an array");
    for (const json& source : object.at("served_by")) expected.served_by.push_back(read_source(source, id));
    if (control->evidence == EvidenceKind::central && expected.served_by.empty())
        throw error(id + ".served_by: the store's own records serve for this control; say which");
    return expected;
}

}  // namespace

std::string_view name(RecordKind kind) { return kind == RecordKind::rule ? "rule" : "record"; }

std::optional<RecordKind> parse_record_kind(std::string_view text) {
    for (const RecordKind kind : {RecordKind::rule, RecordKind::operation})
        if (name(kind) == text) return kind;
    return std::nullopt;
}

const std::vector<std::string_view>& serving_sources() {
    static const std::vector<std::string_view> sources = {"adoption", "waiver", "host",  "log",           "document",
                                                          "role",     "asset",  "audit", "nonconformity", "obligation"};
    return sources;
}

ExpectedCatalogue load_expected_evidence(std::string_view text) {
    try {
        const json controls = evidence::parse_json(text);
        if (!controls.is_array()) throw error("expected an array");
        ExpectedCatalogue catalogue;
        for (const json& value : controls) {
            ExpectedEvidence expected = read_control(value);
            std::string id = expected.control;
            if (!catalogue.emplace(id, std::move(expected)).second) throw error(id + ": stands there twice");
        }
        for (const Control& control : annex_a())
            if (!catalogue.contains(control.id)) throw error(control.id + ": is missing");
        return catalogue;
    } catch (const error& problem) {
        throw error(std::string{"the catalogue of expected evidence: "} + problem.what());
    }
}

const ExpectedCatalogue& expected_evidence() {
    static const ExpectedCatalogue catalogue =
        load_expected_evidence(embedded::policies_data().at("catalogues/expected-evidence.json"));
    return catalogue;
}

}  // namespace annexa::policies
