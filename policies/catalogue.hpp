// The 93 controls of ISO/IEC 27001:2022 Annex A: ids and titles, and what kind of evidence each can have.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// manual: documents and records alone; central: the store's own records serve; partial, full: facts of hosts speak
/// too.
enum class EvidenceKind { manual, central, partial, full };

struct Control {
    std::string id;     // "A.8.8"
    std::string title;  // "Management of technical vulnerabilities"
    std::string theme;  // organizational, people, physical, technological
    EvidenceKind evidence = EvidenceKind::manual;
    std::string host_evidence;     // in words: what facts of hosts tell, empty where nothing
    std::string central_evidence;  // what the store's own records tell
    std::string manual_evidence;   // what people have to bring
};

/// In the order of the standard.
using Catalogue = std::vector<Control>;

/// Reads annex-a-2022.json and annex-a-evidence.json. Throws evidence::error where they do not fit each other.
Catalogue load_catalogue(std::string_view controls_json, std::string_view evidence_json);

/// The catalogue that this program was built with.
const Catalogue& annex_a();

/// Nothing where there is no such control.
const Control* find_control(const Catalogue& catalogue, std::string_view id);

}  // namespace annexa::policies
