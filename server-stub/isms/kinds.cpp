#include "server-stub/isms/kind.hpp"

#include "policies/catalogue.hpp"
#include "server-stub/isms/values.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace annexa::store::isms {

// Each is defined in kinds/NAME.cpp.
extern const Kind unit, person, role, process, asset, issue, gap_assessment, scope, scope_exclusion, reconciliation;
extern const Kind party, obligation, supplier;
extern const Kind document, acknowledgement;
extern const Kind programme, objective;
extern const Kind criteria, risk, assessment, treatment, plan, action, applicability, statement, evidence, conclusion;
extern const Kind audit_programme, audit, nonconformity, improvement, review;

namespace {

using nlohmann::json;

// A line a step.
// clang-format off
constexpr const Kind* list[] = {
    /* 1 */ &unit, &person, &role, &process, &asset, &issue, &gap_assessment, &scope, &scope_exclusion, &reconciliation,
    /* 2 */ &party, &obligation, &supplier,
    /* 3 */ &document, &acknowledgement,
    /* 4 */ &programme, &objective,
    /* 5 */ &criteria, &risk, &assessment,
    /* 6 */ &treatment, &plan,
    /* 7 */ &action,
    /* 8 */ &applicability, &statement, &evidence,
    /* 9 */ &conclusion, &audit_programme, &audit, &nonconformity,
    /* 10 */ &review, &improvement,
};
// clang-format on

constexpr std::string_view owners[] = {"person", "role"};
constexpr Field link_fields[] = {
    {"to", FieldType::record, "The other record", flag::required},
    {"as", FieldType::line, "What it is to this one: treats, caused by, …"},
};
constexpr Field common[] = {
    {"title", FieldType::line, "What it is called", flag::required},
    {"owner", FieldType::record, "The one who is accountable", 0, owners},
    {"next_review", FieldType::date, "When it is to be looked at again", flag::due},
    {"links", FieldType::group, "Other records that it has to do with", flag::many, {}, link_fields},
    {"labels", FieldType::line, "Words to find it by", flag::many},
    {"notes", FieldType::text, "Whatever else is worth knowing"},
};

void check_references(const Kind& kind, const Draft& draft, const Register& records, const Facts& facts,
                      std::vector<Problem>& problems) {
    const std::vector<Field> fields = all_fields(kind);
    each_value(draft.after, fields, [&](const Field& field, const json& value, const std::string& path) {
        const auto problem = [&](const std::string& message) { problems.push_back({draft.id, path, message}); };
        const std::string text = value.is_string() ? value.get<std::string>() : std::string{};
        if (field.type == FieldType::record) {
            const Record* found = records.find(text);
            if (found == nullptr) return problem("there is no record " + text);
            if (found->deleted()) return problem(text + " is deleted");
            if (!field.choices.empty() &&
                std::find(field.choices.begin(), field.choices.end(), found->kind) == field.choices.end())
                problem(text + " is of the kind " + found->kind + ", which cannot stand here");
        } else if (field.type == FieldType::control || (field.type == FieldType::requirement && is_control_id(text))) {
            if (policies::find_control(policies::annex_a(), text) == nullptr) problem("Annex A has no control " + text);
        } else if (field.type == FieldType::host && facts.host_exists && !facts.host_exists(text)) {
            problem("there is no host " + text);
        } else if (field.type == FieldType::check && facts.check_exists && !facts.check_exists(text)) {
            problem("no check in force is called " + text);
        }
    });
}

void check_key(const Kind& kind, const Draft& draft, const Register& records, std::vector<Problem>& problems) {
    for (const Record* other : records.of_kind(kind.name)) {
        if (other->id == draft.id) continue;
        if (kind.single) {
            problems.push_back({draft.id, "", "there is one already, " + other->id + "; edit that"});
            return;
        }
        if (!kind.key.empty() && has(draft.after, kind.key) &&
            text_in(*other->members, kind.key) == text_in(draft.after, kind.key))
            problems.push_back({draft.id, std::string{kind.key}, other->id + " has the same"});
    }
}

}  // namespace

std::span<const Kind* const> kinds() { return list; }

const Kind* find_kind(std::string_view name) {
    const auto found = std::find_if(std::begin(list), std::end(list),
                                    [&](const Kind* kind) { return kind->name == name || kind->plural == name; });
    return found == std::end(list) ? nullptr : *found;
}

std::span<const Field> common_fields() { return common; }

std::vector<Field> all_fields(const Kind& kind) {
    std::vector<Field> fields{std::begin(common), std::end(common)};
    fields.insert(fields.end(), kind.fields.begin(), kind.fields.end());
    return fields;
}

json schema_of(const Kind& kind) {
    json schema = json_schema(all_fields(kind));
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["$id"] = "https://annexa.example/schemas/" + std::string{kind.name} + ".schema.json";
    schema["title"] = std::string{kind.title};
    schema["description"] =
        "Step " + std::to_string(kind.step) + " of ten; ISO/IEC 27001:2022 " + std::string{kind.clauses};
    return schema;
}

void check_order(const Draft& draft, std::string_view first, std::string_view last, std::vector<Problem>& problems) {
    if (has(draft.after, first) && has(draft.after, last) && text_in(draft.after, last) < text_in(draft.after, first))
        problems.push_back({draft.id, std::string{last}, "is before " + std::string{first}});
}

void check_record(const Kind& kind, const Draft& draft, const Register& records, const Facts& facts,
                  std::vector<Problem>& problems) {
    const std::size_t before = problems.size();
    check_fields(draft.after, all_fields(kind), draft.id, "", problems);
    if (problems.size() != before) return;  // the rest reads members as what they should be
    check_references(kind, draft, records, facts, problems);
    check_key(kind, draft, records, problems);
    if (kind.rules != nullptr && problems.size() == before) kind.rules(draft, records, facts, problems);
}

}  // namespace annexa::store::isms
