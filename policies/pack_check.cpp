#include "policies/pack_check.hpp"

#include "policies/catalogue.hpp"
#include "policies/duration.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

std::optional<Severity> parse_severity(std::string_view text) {
    for (const Severity severity : {Severity::low, Severity::medium, Severity::high, Severity::critical})
        if (severity_name(severity) == text) return severity;
    return std::nullopt;
}

std::optional<Strength> parse_strength(std::string_view text) {
    for (const Strength strength : {Strength::direct, Strength::partial})
        if (strength_name(strength) == text) return strength;
    return std::nullopt;
}

std::string listed(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// One check being read; what all its parts need.
class CheckReader {
  public:
    CheckReader(const YamlNode& document, const std::map<std::string, Parameter, std::less<>>& parameters,
                const Schemas& schemas, EvaluationDatabase& database, Problems& problems)
        : fields_{document, problems, "a check"},
          parameters_{parameters},
          schemas_{schemas},
          database_{database},
          problems_{problems} {}

    Check read(const std::string& stem) {
        read_head(stem);
        read_times();
        read_controls();
        read_needs();
        read_queries();
        read_null_may_pass();
        check_.rationale = text_with_parameters("rationale", true);
        check_.remediation = text_with_parameters("remediation", true);
        check_.ansible = text_with_parameters("ansible", false);
        fields_.finish();
        return std::move(check_);
    }

  private:
    void read_head(const std::string& stem) {
        if (const YamlNode* id = fields_.required("id"); id != nullptr) {
            check_.id = id->text;
            if (!is_word(id->text, '-'))
                problems_.add(id->place,
                              "`id`: expected lower-case letters, digits and hyphens, got `" + id->text + "`");
            else if (id->text != stem)
                problems_.add(id->place, "`id`: expected " + stem + ", as the file is called");
        }
        check_.title = fields_.text("title");
        if (const YamlNode* topic = fields_.required("topic"); topic != nullptr) {
            check_.topic = topic->text;
            if (!is_word(topic->text, '-')) problems_.add(topic->place, "`topic`: expected a word in lower case");
        }
        if (const YamlNode* severity = fields_.required("severity"); severity != nullptr) {
            if (const auto known = parse_severity(severity->text))
                check_.severity = *known;
            else
                problems_.add(severity->place,
                              "`severity`: expected low, medium, high or critical, got `" + severity->text + "`");
        }
        if (const YamlNode* standard = fields_.optional("default"); standard != nullptr) {
            if (standard->text != "on" && standard->text != "off")
                problems_.add(standard->place, "`default`: expected on or off");
            check_.on_by_default = standard->text != "off";
        }
    }

    std::chrono::seconds duration(std::string_view key, const YamlNode* value) {
        if (value == nullptr) return {};
        const auto known = value->is_scalar() ? parse_duration(value->text) : std::nullopt;
        if (!known)
            problems_.add(value->place,
                          "`" + std::string{key} + "`: expected a duration like 26h or 30d, got `" + value->text + "`");
        return known.value_or(std::chrono::seconds{0});
    }

    void read_times() {
        check_.fix_within = duration("fix_within", fields_.optional("fix_within"));
        if (const YamlNode* age = fields_.required("max_age"); age != nullptr) {
            check_.max_age = duration("max_age", age);
            if (age->text == "0") problems_.add(age->place, "`max_age`: expected more than 0");
        }
        if (const YamlNode* tolerance = fields_.optional("tolerance"); tolerance != nullptr) {
            const bool good = tolerance->kind == YamlNode::Kind::integer && tolerance->integer >= 0 &&
                              tolerance->integer <= 1'000'000;
            if (!good) problems_.add(tolerance->place, "`tolerance`: expected a number of hosts, 0 or more");
            check_.tolerance = good ? static_cast<int>(tolerance->integer) : 0;
        }
    }

    void read_controls() {
        for (const YamlNode* item : fields_.list("controls", true)) {
            FieldReader fields{*item, problems_, "a control"};
            const YamlNode* id = fields.required("id");
            const YamlNode* strength = fields.required("strength");
            fields.finish();
            if (id == nullptr || strength == nullptr) continue;
            const auto known = parse_strength(strength->text);
            if (find_control(annex_a(), id->text) == nullptr)
                problems_.add(id->place,
                              "no such control: expected an id of Annex A like A.8.8, got `" + id->text + "`");
            else if (check_.control(id->text) != nullptr)
                problems_.add(id->place, id->text + " stands here twice");
            else if (!known)
                problems_.add(strength->place, "`strength`: expected direct or partial, got `" + strength->text + "`");
            else
                check_.controls.push_back({id->text, *known});
        }
    }

    void read_needs() {
        for (const YamlNode* item : fields_.list("needs", true)) {
            const TableSchema* table = schemas_.find(item->text);
            if (table == nullptr) {
                problems_.add(item->place, "no such table: `" + item->text + "`");
                continue;
            }
            if (std::find(check_.needs.begin(), check_.needs.end(), table->name) != check_.needs.end()) {
                problems_.add(item->place, table->name + " stands here twice");
                continue;
            }
            check_.needs.push_back(table->name);
            check_.made_by.emplace(table->name, table->collector);
            if (std::find(check_.collectors.begin(), check_.collectors.end(), table->collector) ==
                check_.collectors.end())
                check_.collectors.push_back(table->collector);
        }
    }

    void read_queries() {
        for (const YamlNode* item : fields_.list("key", true)) check_.key.push_back(item->text);
        check_.applies_if = query("applies_if", fields_.optional("applies_if"));
        read_otherwise();
        check_.population = query("population", fields_.required("population"));
        const YamlNode* violations = fields_.required("violations");
        check_.violations = query("violations", violations);
        if (violations == nullptr || last_columns_.empty()) return;
        std::vector<std::string> expected = check_.key;
        expected.insert(expected.end(), {"found", "wanted", "source"});
        if (last_columns_ != expected)
            problems_.add(violations->place,
                          "`violations`: expected the columns " + listed(expected) + ", got " + listed(last_columns_));
    }

    void read_otherwise() {
        const YamlNode* otherwise = fields_.optional("otherwise");
        if (otherwise == nullptr) return;
        check_.otherwise = otherwise->text;
        if (otherwise->text != "needs_running_system" && otherwise->text != "not_installed" && otherwise->text != "not_present")
            problems_.add(otherwise->place, "`otherwise`: expected needs_running_system, not_installed or not_present, got `" + otherwise->text + "`");
        else if (check_.applies_if.empty())
            problems_.add(otherwise->place, "`otherwise`: expected `applies_if` beside it");
    }

    std::string query(std::string_view key, const YamlNode* value) {
        last_columns_.clear();
        if (value == nullptr) return {};
        const std::string name{"`" + std::string{key} + "`: "};
        if (value->kind != YamlNode::Kind::text) {
            problems_.add(value->place, name + "expected a SELECT, got " + std::string{value->kind_name()});
            return {};
        }
        try {
            const QueryFacts facts = database_.examine(value->text);
            last_columns_ = facts.columns;
            note_reads(name, *value, facts);
            note_parameters(name, *value, facts);
        } catch (const query_error& problem) {
            problems_.add(place_in_query(*value, problem.offset()), name + explained(problem.what()));
        }
        return value->text;
    }

    void note_reads(const std::string& name, const YamlNode& value, const QueryFacts& facts) {
        for (const auto& [table, columns] : facts.reads) {
            if (std::find(check_.needs.begin(), check_.needs.end(), table) == check_.needs.end())
                problems_.add(value.place, name + "the table " + table + " is read here and does not stand in `needs`");
            check_.reads[table].insert(columns.begin(), columns.end());
        }
    }

    void note_parameters(const std::string& name, const YamlNode& value, const QueryFacts& facts) {
        for (const std::string& parameter : facts.parameters) {
            if (parameter == "now") {
                check_.reads_now = true;
            } else if (!parameters_.contains(parameter)) {
                const std::size_t at = value.text.find(":" + parameter);
                problems_.add(place_in_query(value, static_cast<int>(at)),
                              name + "no such parameter: :" + parameter + "; pack.yaml names them");
            } else {
                check_.parameters.insert(parameter);
            }
        }
    }

    /// SQLite does not know that there would be such a column, only not in evidence.
    std::string explained(std::string_view message) const {
        constexpr std::string_view prefix = "no such column: ";
        if (message.starts_with(prefix)) {
            const std::string_view name = message.substr(std::max(prefix.size(), message.rfind('.') + 1));
            for (const std::string& need : check_.needs) {
                const ColumnSchema* column = schemas_.find(need)->find(name);
                if (column != nullptr && column->is_volatile)
                    return "the column " + std::string{name} + " of " + need +
                           " is volatile: it is in no evidence, and no check may read it";
            }
        }
        return std::string{message};
    }

    void read_null_may_pass() {
        for (const YamlNode* item : fields_.list("null_may_pass", false)) {
            const std::size_t dot = item->text.find('.');
            const std::string table = item->text.substr(0, dot);
            const std::string column = dot == std::string::npos ? "" : item->text.substr(dot + 1);
            const auto read = check_.reads.find(table);
            if (read == check_.reads.end() || !read->second.contains(column))
                problems_.add(item->place,
                              "`null_may_pass`: expected TABLE.COLUMN that a query reads, got `" + item->text + "`");
            else if (!schemas_.find(table)->find(column)->nullable)
                problems_.add(item->place, "`null_may_pass`: " + item->text + " is never NULL");
            else
                check_.null_may_pass.insert(item->text);
        }
    }

    std::string text_with_parameters(std::string_view key, bool is_required) {
        const YamlNode* value = is_required ? fields_.required(key) : fields_.optional(key);
        if (value == nullptr) return {};
        if (!value->is_scalar() || value->text.empty())
            problems_.add(value->place,
                          "`" + std::string{key} + "`: expected text, got " + std::string{value->kind_name()});
        for (const std::string& name : placeholders(value->text)) {
            if (!parameters_.contains(name))
                problems_.add(value->place, "`" + std::string{key} + "`: no such parameter: {" + name + "}");
            check_.parameters.insert(name);
        }
        std::string text = value->text;
        while (!text.empty() && text.back() == '\n') text.pop_back();
        return text;
    }

    FieldReader fields_;
    const std::map<std::string, Parameter, std::less<>>& parameters_;
    const Schemas& schemas_;
    EvaluationDatabase& database_;
    Problems& problems_;
    Check check_;
    std::vector<std::string> last_columns_;
};

}  // namespace

Place place_in_query(const YamlNode& value, int offset) {
    if (!value.literal || offset < 0) return value.place;
    Place place{value.place.line + 1, value.literal_indent + 1};
    for (std::size_t i = 0; i < value.text.size() && i < static_cast<std::size_t>(offset); ++i) {
        place.column = value.text[i] == '\n' ? value.literal_indent + 1 : place.column + 1;
        place.line += value.text[i] == '\n' ? 1 : 0;
    }
    return place;
}

Check read_check(const YamlNode& document, const std::string& stem,
                 const std::map<std::string, Parameter, std::less<>>& parameters, const Schemas& schemas,
                 EvaluationDatabase& database, Problems& problems) {
    return CheckReader{document, parameters, schemas, database, problems}.read(stem);
}

}  // namespace annexa::policies
