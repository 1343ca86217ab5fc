// docs/schemas/*.schema.json and the tables of docs/isms.md are what the kinds say. ANNEXA_UPDATE_GOLDEN=1 writes them
// anew (scripts/generate).
#include "server-stub/isms/kind.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace annexa::store::test {
namespace {

namespace fs = std::filesystem;

const fs::path docs = fs::path{ANNEXA_SOURCE_DIR} / "docs";
const std::string mark = "<!-- From here on written by scripts/generate. -->\n";

bool updates() {
    const char* value = std::getenv("ANNEXA_UPDATE_GOLDEN");
    return value != nullptr && std::string_view{value} == "1";
}

std::string read_file(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

void write_file(const fs::path& path, const std::string& bytes) { std::ofstream{path, std::ios::binary} << bytes; }

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
        const std::string schema = isms::schema_of(*kind).dump(2) + "\n";
        if (updates()) write_file(docs / "schemas" / name, schema);
        INFO("run scripts/generate");
        CHECK(read_file(docs / "schemas" / name) == schema);
    }
    for (const auto& entry : fs::directory_iterator{docs / "schemas"})
        CHECK(names.contains(entry.path().filename().string()));
}

TEST_CASE("the tables of docs/isms.md are those of the kinds") {
    const fs::path page = docs / "isms.md";
    const std::string text = read_file(page);
    const std::size_t at = text.find(mark);
    REQUIRE(at != std::string::npos);
    const std::string wanted = text.substr(0, at + mark.size()) + tables();
    if (updates()) write_file(page, wanted);
    INFO("run scripts/generate");
    CHECK(read_file(page) == wanted);
    CHECK(text.find(std::to_string(isms::kinds().size()) + " of them") != std::string::npos);
}

}  // namespace annexa::store::test
