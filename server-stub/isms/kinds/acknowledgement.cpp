// A person has read one exact version of a document, or of a review's minutes. A later version is acknowledged anew.
#include "server-stub/isms/kind.hpp"
#include "server-stub/isms/overview.hpp"
#include "server-stub/isms/values.hpp"

#include <nlohmann/json.hpp>

namespace annexa::store::isms {
namespace {

using nlohmann::json;

constexpr std::string_view documents[] = {"document", "review"};
constexpr std::string_view persons[] = {"person"};
constexpr std::string_view ways[] = {"own_account", "on_paper", "in_training"};
constexpr Field fields[] = {
    {"document", FieldType::record, "The document, or the review whose minutes it is", flag::required, documents},
    {"version", FieldType::integer, "Which version of its record", flag::required},
    {"document_digest", FieldType::digest, "Digest of that version, as it was shown", flag::required},
    {"person", FieldType::record, "Who has read it", flag::required, persons},
    {"way", FieldType::choice, "How the person said so", flag::required, ways},
    {"date", FieldType::date, "When", flag::required},
};

void rules(const Draft& draft, const Register& records, const Facts& facts, std::vector<Problem>& problems) {
    const json& members = draft.after;
    const auto problem = [&](const char* path, const std::string& message) {
        problems.push_back({draft.id, path, message});
    };
    const Record* document = records.find(text_in(members, "document"));
    const auto version = members.at("version").get<std::int64_t>();
    if (version < 1 || static_cast<std::uint64_t>(version) > document->versions.size())
        problem("version", document->id + " has no version " + std::to_string(version));
    else if (document->versions[static_cast<std::size_t>(version) - 1].digest.hex() !=
             text_in(members, "document_digest"))
        problem("document_digest", "is not the digest of version " + std::to_string(version) + " of " + document->id);
    if (text_in(members, "date") > day_of(facts.now)) problem("date", "is in the future");
    // Nobody says with another's voice: by account only who holds it.
    if (text_in(members, "way") == "own_account") {
        const Record* person = records.find(text_in(members, "person"));
        const std::string account = text_in(*person->members, "account");
        const bool unchanged = draft.before != nullptr && *draft.before->members == members;
        if (!unchanged && (account.empty() || account != facts.account))
            problem("way", "the account that writes this is not the person's own");
    }
    for (const Record* other : records.of_kind("acknowledgement"))
        if (other->id != draft.id && other->members->at("document") == members.at("document") &&
            other->members->at("version") == members.at("version") &&
            other->members->at("person") == members.at("person"))
            problem("person", other->id + " says so already");
}

}  // namespace

extern const Kind acknowledgement{.name = "acknowledgement",
                                  .plural = "acknowledgements",
                                  .title = "Acknowledgement of a document",
                                  .step = 3,
                                  .clauses = "7.3",
                                  .fields = fields,
                                  .key = "",
                                  .approvable = false,
                                  .rules = rules};

}  // namespace annexa::store::isms
