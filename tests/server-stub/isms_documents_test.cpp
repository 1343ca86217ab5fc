// docs/schemas/*.schema.json and the tables of docs/isms.md are what the kinds say. ANNEXA_UPDATE_GOLDEN=1 writes them
// anew (scripts/generate).
#include "server-stub/isms/kind.hpp"
#include "tests/support/generated.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>


namespace annexa::store::test {
namespace {

const std::filesystem::path docs = std::filesystem::path{ANNEXA_SOURCE_DIR} / "docs";
const std::string mark = "<!-- From here on written by scripts/generate. -->\n";

std::string joined(std::span<const std::string_view> words, const char* between) {
    std::string text;
    for (const std::string_view word : words) text += (text.empty() ? "" : between) + std::string{word};
    return text;
}

std::string type_of(const isms::Field& field) {
    std::string type{isms::type_name(field.type)};
    if (field.type == isms::FieldType::line) type = "one line";
    if (field.type == isms::FieldType::group) type = "members";
    if (field.type == isms::FieldType::choice) type = "`" + joined(field.choices, "`, `") + "`";
    if (field.type == isms::FieldType::record && !field.choices.empty()) type = "id of " + joined(field.choices, ", ");
    return field.is(isms::flag::many) ? "list of " + type : type;
}

void append_rows(std::string& out, std::span<const isms::Field> fields, const std::string& above) {
    for (const isms::Field& field : fields) {
        const std::string name = above + std::string{field.name};
        out += "| `" + name + "` | " + type_of(field) + (field.is(isms::flag::required) ? ", required" : "") +
               (field.is(isms::flag::computed) ? ", of the store" : "") + " | " + std::string{field.description} +
               " |\n";
        append_rows(out, field.members, name + (field.is(isms::flag::many) ? "[]." : "."));
    }
}

std::string tables() {
    std::string out = "\n### Members of every record\n\n| member | value | what it is |\n|---|---|---|\n";
    append_rows(out, isms::common_fields(), "");
    for (const isms::Kind* kind : isms::kinds()) {
        out += "\n### `" + std::string{kind->name} + "`: " + std::string{kind->title} + "\n\nStep " +
               std::to_string(kind->step) + ", " + std::string{kind->clauses} + "; folder `" +
               std::string{kind->plural} + "`. " +
               (kind->approvable ? "Approved by another person than its author." : "Not approved.") +
               (kind->single ? " One at most." : "") + (kind->deletable ? "" : " Never deleted.") +
               "\n\n| member | value | what it is |\n|---|---|---|\n";
        append_rows(out, kind->fields, "");
        for (const isms::Action& action : kind->actions) {
            out += "\nAction `" + std::string{action.name} + "`: " + std::string{action.description} + ".\n";
            if (action.input.empty()) continue;
            out += "\n| input | value | what it is |\n|---|---|---|\n";
            append_rows(out, action.input, "");
        }
    }
    return out;
}

}  // namespace

TEST_CASE("the schemas of the records are those of the kinds") {
    std::set<std::string> names;
    for (const isms::Kind* kind : isms::kinds()) {
        const std::string name = std::string{kind->name} + ".schema.json";
        names.insert(name);
        annexa::test::check_generated(docs / "schemas" / name, isms::schema_of(*kind).dump(2) + "\n");
    }
    annexa::test::check_nothing_else(docs / "schemas", names);
}

TEST_CASE("the tables of docs/isms.md are those of the kinds") {
    const std::filesystem::path page = docs / "isms.md";
    const std::string text = annexa::test::read_whole(page);
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    annexa::test::check_generated(page, text.substr(0, at + mark.size()) + tables());
    CHECK(text.find(std::to_string(isms::kinds().size()) + " of them") != std::string::npos);
}

}  // namespace annexa::store::test
