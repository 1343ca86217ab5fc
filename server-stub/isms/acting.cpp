#include "server-stub/isms/acting.hpp"

#include "server-stub/isms/documents.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {

using evidence::coded_error;

void act(Server& server, const Decider& by, const Facts& facts, const std::string& id, std::string_view name,
         const nlohmann::json& input) {
    const Register records{by.store, by.blobs, {facts.now, std::nullopt}};
    const Record* record = records.find(id);
    if (record == nullptr) throw coded_error("not_found", "there is no record " + id);
    const Kind* kind = find_kind(record->kind);
    if (record->deleted() || kind == nullptr) throw coded_error("conflict", id + " is deleted");
    const auto action =
        std::find_if(kind->actions.begin(), kind->actions.end(), [&](const Action& each) { return each.name == name; });
    if (action == kind->actions.end())
        throw coded_error("not_found", "a record of the kind " + record->kind + " has no action " + std::string{name});
    if (!may(by.session.role, action->permission) &&
        !(action->or_permission && may(by.session.role, *action->or_permission)))
        throw coded_error("forbidden",
                          "your role may not " + std::string{name} + " a record of the kind " + record->kind);
    std::vector<Problem> problems;
    check_fields(input, action->input, id, "", problems);
    if (!problems.empty()) throw refused_changes("schema", std::move(problems));
    Documents documents{by.blobs};
    std::vector<Change> changes(1);
    std::vector<Change> also;
    changes.front().record = id;
    changes.front().base = record->last().version;
    changes.front().members = std::make_shared<const nlohmann::json>(
        action->run({*record, records, facts, server, by, documents, also}, input));
    std::move(also.begin(), also.end(), std::back_inserter(changes));
    apply(by, facts, std::move(changes), false, true);
    documents.keep();
}

}  // namespace annexa::store::isms
