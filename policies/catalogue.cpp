#include "policies/catalogue.hpp"

#include "embedded/policies_data.hpp"
#include "evidence/canonical_json.hpp"
#include "evidence/errors.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::error;
using nlohmann::json;

EvidenceKind read_kind(const std::string& word) {
    if (word == "manual") return EvidenceKind::manual;
    if (word == "central") return EvidenceKind::central;
    if (word == "partial") return EvidenceKind::partial;
    if (word == "full") return EvidenceKind::full;
    throw error("evidence is manual, central, partial or full, not " + word);
}

}  // namespace

Catalogue load_catalogue(std::string_view controls_json, std::string_view evidence_json) {
    try {
        const json controls = evidence::parse_json(controls_json);
        const json kinds = evidence::parse_json(evidence_json);
        if (controls.size() != kinds.size()) throw error("the two files do not list the same controls");
        Catalogue catalogue;
        for (std::size_t i = 0; i < controls.size(); ++i) {
            const json& control = controls.at(i);
            const json& kind = kinds.at(i);
            const std::string id = control.at("id").get<std::string>();
            if (kind.at("id") != id) throw error("control " + id + " is not at the same place in both files");
            catalogue.push_back({id, control.at("title").get<std::string>(), control.at("theme").get<std::string>(),
                                 read_kind(kind.at("evidence").get<std::string>()),
                                 kind.at("host_checks").get<std::string>(), kind.at("central_data").get<std::string>(),
                                 kind.at("manual").get<std::string>()});
        }
        return catalogue;
    } catch (const json::exception& problem) {
        throw error(std::string{"the catalogue of controls: "} + problem.what());
    } catch (const error& problem) {
        throw error(std::string{"the catalogue of controls: "} + problem.what());
    }
}

const Catalogue& annex_a() {
    static const Catalogue catalogue = load_catalogue(embedded::policies_data().at("catalogues/annex-a-2022.json"),
                                                      embedded::policies_data().at("catalogues/annex-a-evidence.json"));
    return catalogue;
}

const Control* find_control(const Catalogue& catalogue, std::string_view id) {
    const auto at = std::find_if(catalogue.begin(), catalogue.end(), [&](const Control& c) { return c.id == id; });
    return at == catalogue.end() ? nullptr : &*at;
}

}  // namespace annexa::policies
