#include "evidence/in_toto.hpp"

#include "evidence/canonical_json.hpp"
#include "evidence/envelope.hpp"
#include "evidence/errors.hpp"
#include "evidence/members.hpp"

#include <nlohmann/json.hpp>
#include <set>

namespace annexa::evidence {

using nlohmann::json;

namespace {
constexpr std::string_view statement_type = "https://in-toto.io/Statement/v1";
}

std::string write_in_toto(std::string_view predicate_type, const std::vector<Subject>& subjects,
                          const json& predicate) {
    json list = json::array();
    for (const Subject& subject : subjects)
        list.push_back({{"name", subject.name}, {"digest", {{"sha256", subject.digest.hex()}}}});
    return canonical_json({{"_type", statement_type},
                           {"predicateType", predicate_type},
                           {"subject", std::move(list)},
                           {"predicate", predicate}});
}

json read_in_toto(std::string_view payload) {
    json statement = read_canonical_json(payload, largest_payload_bytes);
    Members members{statement, ""};
    if (members.text("_type", 255) != statement_type) refuse_member("_type", std::string{statement_type});
    members.label("predicateType");
    members.object("predicate");
    return statement;
}

json read_in_toto(std::string_view payload, std::string_view predicate_type) {
    json statement = read_in_toto(payload);
    const auto& found = statement["predicateType"].get_ref<const std::string&>();
    if (found != predicate_type)
        throw coded_error("wrong_type", "predicateType: expected " + std::string{predicate_type} + ", found " + found);
    return statement;
}

std::vector<Subject> subjects_of(const json& statement) {
    Members members{statement, ""};
    const json& list = members.array("subject");
    std::vector<Subject> subjects;
    std::set<std::string> names;
    for (const json& element : list) {
        const std::string path = "subject[" + std::to_string(subjects.size()) + "]";
        Members subject{element, path};
        subjects.push_back({subject.label("name"), subject.object("digest").digest("sha256")});
        if (!names.insert(subjects.back().name).second) refuse_member(path + ".name", "each name once");
    }
    if (subjects.empty()) refuse_member("subject", "at least one subject");
    return subjects;
}

Digest record_subject(const json& statement, std::string_view kind) {
    const std::vector<Subject> subjects = subjects_of(statement);
    const std::string name = "record:" + std::string{kind};
    if (subjects.size() != 1 || subjects.front().name != name) refuse_member("subject", "the one subject " + name);
    return subjects.front().digest;
}

}  // namespace annexa::evidence
