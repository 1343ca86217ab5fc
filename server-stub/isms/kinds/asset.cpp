// An asset of any kind: what is to be protected. Hosts come from agents and are linked, not typed.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/standing.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

constexpr std::string_view types[] = {"information", "software", "hardware",
                                      "service",     "site",     "intellectual_property"};
constexpr std::string_view levels[] = {"low", "medium", "high", "very_high"};
constexpr Field fields[] = {
    {"type", FieldType::choice, "What it is", flag::required, types},
    {"description", FieldType::text, "What it is and what it is for"},
    {"confidentiality", FieldType::choice, "How much harm it does where it becomes known", 0, levels},
    {"integrity", FieldType::choice, "How much harm it does where it is wrong", 0, levels},
    {"availability", FieldType::choice, "How much harm it does where it is not there", 0, levels},
    {"location", FieldType::line, "Where it is"},
    {"hosts", FieldType::host, "Hosts that hold or run it", flag::many},
};

void gaps(const Register& records, const Facts&, std::vector<Gap>& gaps) {
    for (const Record* asset : records.of_kind("asset")) {
        const auto& members = *asset->members;
        if (!has(members, "confidentiality") || !has(members, "integrity") || !has(members, "availability"))
            gaps.push_back({1, "A.5.12", asset->id, "The asset " + text_in(members, "title") + " is not classified.",
                            "annexa isms set " + asset->id + " confidentiality=… integrity=… availability=…"});
    }
}

void inform(const Register& records, Instant, policies::StatusInputs& inputs) {
    const auto classified = [](const nlohmann::json& members) {
        return has(members, "owner") && has(members, "confidentiality") && has(members, "integrity") &&
               has(members, "availability");
    };
    if (auto fact =
            fact_of_all(records.of_kind("asset"), "A.5.12", "assets with owner and need for protection", classified))
        inputs.facts.push_back(std::move(*fact));
}

}  // namespace

extern const Kind asset{.name = "asset",
                        .plural = "assets",
                        .title = "Asset",
                        .step = 1,
                        .clauses = "A.5.9",
                        .fields = fields,
                        .missing = "No asset is recorded beside the hosts that agents report.",
                        .gaps = gaps,
                        .inform = inform};

}  // namespace annexa::store::isms
