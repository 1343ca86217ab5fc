#include "policies/case_file.hpp"

#include <algorithm>

namespace annexa::policies {
namespace {

using evidence::Row;
using evidence::Type;
using evidence::Value;
using Kind = YamlNode::Kind;

Value untyped(const YamlNode& node) {
    switch (node.kind) {
        case Kind::boolean:
            return node.boolean;
        case Kind::integer:
            return node.integer;
        case Kind::real:
            return node.real;
        case Kind::text:
            return node.text;
        default:
            return std::monostate{};
    }
}

/// What a column holds where a row given by names leaves it out.
Value filler(const ColumnSchema& column) {
    if (column.nullable) return std::monostate{};
    switch (column.type) {
        case Type::text:
            return std::string{};
        case Type::integer:
            return std::int64_t{0};
        case Type::real:
            return 0.0;
        case Type::boolean:
            return false;
    }
    return std::monostate{};
}

class CaseReader {
  public:
    CaseReader(const YamlNode& node, const Check& check, const Pack& pack, const Schemas& schemas, Problems& problems)
        : fields_{node, problems, "a case"}, check_{check}, pack_{pack}, schemas_{schemas}, problems_{problems} {
        case_.place = node.place;
    }

    /// Nothing where the case is wrong; the problems then say how.
    std::optional<Case> read() {
        case_.name = fields_.text("name");
        read_now();
        if (const YamlNode* fixture = fields_.optional("host"); fixture != nullptr) {
            case_.fixture = fixture->text;
            if (fixture->text.empty()) complain(*fixture, "`host`: expected COLLECTOR/CASE");
        }
        read_tables(fields_.optional("tables"));
        read_parameters(fields_.optional("parameters"));
        read_expectation();
        for (const YamlNode* item : fields_.list("null_may_pass", false)) case_.null_may_pass.insert(item->text);
        fields_.finish();
        if (wrong_) return std::nullopt;
        return std::move(case_);
    }

  private:
    void complain(const YamlNode& node, std::string what) {
        wrong_ = true;
        problems_.add(node.place, std::move(what));
    }

    void read_now() {
        const YamlNode* now = fields_.optional("now");
        if (now == nullptr) return;
        try {
            case_.now = now->kind == Kind::integer ? evidence::Instant{std::chrono::seconds{now->integer}}
                                                   : evidence::parse_instant(now->text);
        } catch (const evidence::format_error&) {
            complain(*now, "`now`: expected a time like 2026-01-01T00:00:00Z or Unix seconds");
        }
    }

    void read_tables(const YamlNode* tables) {
        if (!case_.fixture.empty()) {
            if (tables != nullptr) complain(*tables, "expected `tables` or `host`, not both");
            return;
        }
        CollectorEvidence ok;
        ok.collected_at = case_.now.value_or(default_case_time);
        for (const std::string& collector : check_.collectors) case_.host.collectors.emplace(collector, ok);
        for (const std::string& name : check_.needs) add_table(*schemas_.find(name), nullptr);
        if (tables == nullptr) return;
        if (tables->kind != Kind::mapping) return complain(*tables, "`tables`: expected a mapping of table to rows");
        for (const YamlMember& member : tables->members) {
            if (std::find(check_.needs.begin(), check_.needs.end(), member.key) == check_.needs.end())
                complain(member.value, "the check does not need the table " + member.key);
            else if (member.value.kind != Kind::sequence)
                complain(member.value, member.key + ": expected a list of rows");
            else
                add_table(*schemas_.find(member.key), &member.value);
        }
    }

    void add_table(const TableSchema& schema, const YamlNode* rows) {
        std::vector<const ColumnSchema*> columns;
        evidence::Table table;
        table.name = schema.name;
        for (const ColumnSchema& column : schema.columns) {
            if (column.is_volatile) continue;
            columns.push_back(&column);
            table.columns.push_back({column.name, column.type});
        }
        if (rows != nullptr)
            for (const YamlNode& row : rows->items) table.rows.push_back(read_row(schema, columns, row));
        case_.host.tables.insert_or_assign(schema.name, std::make_shared<const evidence::Table>(std::move(table)));
    }

    Row read_row(const TableSchema& schema, const std::vector<const ColumnSchema*>& columns, const YamlNode& node) {
        Row row;
        if (node.kind == Kind::mapping) {
            for (const ColumnSchema* column : columns) {
                const YamlNode* cell = node.find(column->name);
                row.push_back(cell == nullptr ? filler(*column) : read_cell(*column, *cell));
            }
            for (const YamlMember& member : node.members) {
                const ColumnSchema* known = schema.find(member.key);
                if (known == nullptr || known->is_volatile)
                    complain(member.value, "no column " + member.key + " in the evidence of " + schema.name);
            }
        } else if (node.kind == Kind::sequence && node.items.size() == columns.size()) {
            for (std::size_t i = 0; i < columns.size(); ++i) row.push_back(read_cell(*columns[i], node.items[i]));
        } else {
            std::string names;
            for (const ColumnSchema* column : columns) names += (names.empty() ? "" : ", ") + column->name;
            complain(node, "expected a row of " + schema.name + " as [" + names + "], or a mapping of some of them");
        }
        return row;
    }

    Value read_cell(const ColumnSchema& column, const YamlNode& node) {
        if (node.kind == Kind::null && column.nullable) return std::monostate{};
        if (node.is_scalar() && node.kind != Kind::null) {
            if (column.type == Type::text) return node.text;
            if (column.type == Type::integer && node.kind == Kind::integer) return node.integer;
            if (column.type == Type::boolean && node.kind == Kind::boolean) return node.boolean;
            if (column.type == Type::real && node.kind == Kind::real) return node.real;
            if (column.type == Type::real && node.kind == Kind::integer) return static_cast<double>(node.integer);
        }
        complain(node, column.name + ": expected " + std::string{evidence::type_name(column.type)} +
                           (column.nullable ? " or null" : "") + ", got " + std::string{node.kind_name()});
        return std::monostate{};
    }

    void read_parameters(const YamlNode* parameters) {
        case_.parameters = pack_.default_parameters();
        if (parameters == nullptr) return;
        for (const YamlMember& member : parameters->members) {
            const auto known = pack_.parameters.find(member.key);
            if (known == pack_.parameters.end()) {
                complain(member.value, "no such parameter: " + member.key);
                continue;
            }
            ParameterValue value;
            value.list = member.value.kind == Kind::sequence;
            if (value.list)
                for (const YamlNode& item : member.value.items) value.values.push_back(untyped(item));
            else
                value.values.push_back(untyped(member.value));
            if (const auto problem = parameter_problem(known->second, value))
                complain(member.value, member.key + ": " + *problem);
            case_.parameters[member.key] = std::move(value);
        }
    }

    void read_expectation() {
        const YamlNode* expect = fields_.required("expect");
        if (expect == nullptr) {
            wrong_ = true;
        } else if (const auto state = parse_state(expect->text);
                   state && (*state == State::pass || *state == State::fail || *state == State::not_applicable ||
                             *state == State::error)) {
            case_.expect = *state;
        } else {
            complain(*expect, "`expect`: expected pass, fail, not_applicable or error; missing and stale are derived");
        }
        if (const YamlNode* reason = fields_.optional("reason"); reason != nullptr) case_.reason = reason->text;
        if (const YamlNode* population = fields_.optional("population"); population != nullptr) {
            if (population->kind != Kind::integer) complain(*population, "`population`: expected a whole number");
            case_.population = population->integer;
        }
        const YamlNode* violations = fields_.optional("violations");
        if (violations == nullptr) return;
        if (violations->kind != Kind::sequence) return complain(*violations, "`violations`: expected a list of rows");
        case_.violations.emplace();
        for (const YamlNode& row : violations->items) {
            if (row.kind != Kind::sequence || row.items.size() != check_.key.size() + 3) {
                complain(row, "expected the key, then found, wanted, source");
                continue;
            }
            Row cells;
            for (const YamlNode& cell : row.items) cells.push_back(untyped(cell));
            case_.violations->push_back(std::move(cells));
        }
    }

    FieldReader fields_;
    const Check& check_;
    const Pack& pack_;
    const Schemas& schemas_;
    Problems& problems_;
    Case case_;
    bool wrong_ = false;
};

}  // namespace

std::vector<Case> read_cases(const YamlNode& document, const Check& check, const Pack& pack, const Schemas& schemas,
                             Problems& problems) {
    std::vector<Case> cases;
    FieldReader fields{document, problems, "a file of cases"};
    if (const YamlNode* id = fields.required("check"); id != nullptr && id->text != check.id)
        problems.add(id->place, "`check`: expected " + check.id + ", as the file is called");
    std::set<std::string> names;
    for (const YamlNode* node : fields.list("cases", true)) {
        std::optional<Case> read = CaseReader{*node, check, pack, schemas, problems}.read();
        if (!read) continue;
        if (!names.insert(read->name).second)
            problems.add(read->place, "a case of the name " + read->name + " stands here twice");
        cases.push_back(std::move(*read));
    }
    fields.finish();
    return cases;
}

}  // namespace annexa::policies
