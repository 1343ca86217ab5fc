// Conditions of RainerScript, as far as they ask for facility and severity: comparisons, and, or, not, prifilt(). What
// else they ask for (text, program, host) cannot be told. rainerscript: grammar.y and rainerscript.c of rsyslog 8.
#include "collectors/support/rsyslog_text.hpp"
#include "collectors/support/text.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace annexa::collectors {
namespace {

constexpr int most_depth = 64;

struct Operand {
    enum class Kind { other, variable, values, condition } kind = Kind::other;
    std::string name{};                 // of a variable, in lower case without $ and !
    std::vector<std::string> values{};  // a text, a number, a list
    LogSelection condition{};
};

LogSelection unknown() { return LogSelection::all(Known::unknown); }
LogSelection known(bool yes) { return LogSelection::all(yes ? Known::yes : Known::no); }

// What a variable's being equal to one of the values selects.
LogSelection equal_to(const std::string& variable, const std::vector<std::string>& values) {
    LogSelection result;
    for (const std::string& value : values) {
        if (variable == "fromhost-ip") {
            if (value == "127.0.0.1") result = known(true);
        } else if (variable == "syslogfacility-text" || variable == "syslogfacility") {
            const auto number = syslog_facility(value);
            if (number == 4) result = result | LogSelection::of_facility(Known::yes, Known::no);
            if (number == 10) result = result | LogSelection::of_facility(Known::no, Known::yes);
        } else if (variable == "syslogseverity" || variable == "syslogseverity-text" || variable == "syslogpriority" ||
                   variable == "syslogpriority-text") {
            if (const auto number = syslog_severity(value))
                result = result | LogSelection::of_severities(*number, *number);
        } else {
            return unknown();
        }
    }
    return result;
}

LogSelection compared(const Operand& left, const std::string& operation, const Operand& right) {
    if (left.kind != Operand::Kind::variable || right.kind != Operand::Kind::values) return unknown();
    if (operation == "==") return equal_to(left.name, right.values);
    if (operation == "!=" || operation == "<>")
        return right.values.size() == 1 ? ~equal_to(left.name, right.values) : unknown();
    const auto number = right.values.size() == 1 ? text::integer(right.values[0]) : std::nullopt;
    if (!number || *number < -1 || *number > 24) return unknown();
    const int bound = static_cast<int>(*number);
    const auto holds = [&](int value) {
        return operation == "<"    ? value < bound
               : operation == "<=" ? value <= bound
               : operation == ">"  ? value > bound
                                   : value >= bound;
    };
    if (operation != "<" && operation != "<=" && operation != ">" && operation != ">=") return unknown();
    if (left.name == "syslogfacility")
        return LogSelection::of_facility(holds(4) ? Known::yes : Known::no, holds(10) ? Known::yes : Known::no);
    if (left.name != "syslogseverity" && left.name != "syslogpriority") return unknown();
    LogSelection result;
    for (int severity = 0; severity < 8; ++severity)
        if (holds(severity)) result = result | LogSelection::of_severities(severity, severity);
    return result;
}

class Expression {
  public:
    explicit Expression(RsyslogText& text) : text_{text}, began_{text.here()} {}

    LogSelection any(int depth) {
        LogSelection result = every(depth);
        while (keyword("or")) result = result | every(depth);
        return result;
    }

    void end() {
        if (!keyword("then")) text_.refuse(began_, "expected then behind the condition");
    }

  private:
    LogSelection every(int depth) {
        LogSelection result = one(depth);
        while (keyword("and")) result = result & one(depth);
        return result;
    }

    LogSelection one(int depth) {
        if (depth > most_depth) text_.refuse(began_, "a condition that nests too deeply");
        if (keyword("not")) return ~one(depth + 1);
        Operand left = operand(depth);
        const std::string operation = operator_here();
        if (operation.empty()) {
            if (left.kind == Operand::Kind::condition) return left.condition;
            const auto number = left.kind == Operand::Kind::values && left.values.size() == 1
                                    ? text::integer(left.values[0])
                                    : std::nullopt;
            return number ? known(*number != 0) : unknown();
        }
        const Operand right = operand(depth);
        return compared(left, operation, right);
    }

    // With what is added or joined to it, which then cannot be told.
    Operand operand(int depth) {
        Operand result = primary(depth);
        while (true) {
            text_.skip_blanks();
            const char c = text_.peek();
            if (c != '&' && c != '+' && c != '-' && c != '*' && c != '/' && c != '%') return result;
            text_.advance();
            primary(depth);
            result = {};
        }
    }

    Operand primary(int depth) {
        text_.skip_blanks();
        const char c = text_.peek();
        if (c == '(') {
            text_.advance();
            Operand result{.kind = Operand::Kind::condition, .condition = any(depth + 1)};
            text_.skip_blanks();
            if (text_.peek() != ')') text_.refuse(began_, "expected ) in the condition");
            text_.advance();
            return result;
        }
        if (c == '"' || c == '\'') return {.kind = Operand::Kind::values, .values = {text_.quoted()}};
        if (c == '[') {
            Operand result{.kind = Operand::Kind::values};
            for (text_.advance(); !text_.at_end() && text_.peek() != ']'; text_.skip_blanks()) {
                if (text_.peek() == '"' || text_.peek() == '\'')
                    result.values.push_back(text_.quoted());
                else
                    text_.advance();
            }
            text_.advance();
            return result;
        }
        if (c == '-') {
            text_.advance();
            return {.kind = Operand::Kind::values, .values = {"-" + text_.word()}};
        }
        if (c == '$') {
            text_.advance();
            std::string name;
            while (text_.peek() == '!' || text_.peek() == '.' || text_.peek() == '/' || text_.peek() == '$') {
                name += text_.peek();
                text_.advance();
            }
            name += text::lower(text_.word());
            while (text_.peek() == '!' || text_.peek() == '[') {  // $!a!b[0]
                name += '!';
                text_.advance();
                name += text_.word();
                if (text_.peek() == ']') text_.advance();
            }
            return {.kind = Operand::Kind::variable, .name = name};
        }
        const std::string name = text::lower(text_.word());
        if (name.empty()) text_.refuse(began_, "expected a condition");
        text_.skip_blanks();
        if (text_.peek() != '(') return {.kind = Operand::Kind::values, .values = {name}};
        return call(name, depth);
    }

    Operand call(const std::string& name, int depth) {
        text_.advance();
        text_.skip_blanks();
        if (name == "prifilt" && (text_.peek() == '"' || text_.peek() == '\'')) {
            const auto selection = parse_selector(text_.quoted());
            text_.skip_blanks();
            if (text_.peek() != ')') text_.refuse(began_, "expected ) behind the argument of prifilt");
            text_.advance();
            return {.kind = Operand::Kind::condition, .condition = selection.value_or(unknown())};
        }
        while (text_.peek() != ')') {
            if (text_.at_end()) text_.refuse(began_, "expected ) behind the arguments");
            if (text_.peek() == ',')
                text_.advance();
            else
                any(depth + 1);
            text_.skip_blanks();
        }
        text_.advance();
        return {};
    }

    bool keyword(std::string_view wanted) {
        text_.skip_blanks();
        const std::string_view rest = text_.rest();
        if (rest.size() < wanted.size() || !text::equal_without_case(rest.substr(0, wanted.size()), wanted))
            return false;
        const char next = text_.peek(wanted.size());
        if (next != '\0' && !text::is_blank(next) && std::string_view{"({$\"'["}.find(next) == std::string_view::npos)
            return false;
        text_.advance(wanted.size());
        return true;
    }

    std::string operator_here() {
        text_.skip_blanks();
        for (const std::string_view sign : {"==", "!=", "<>", "<=", ">=", "<", ">"})
            if (text_.rest().starts_with(sign)) {
                text_.advance(sign.size());
                return std::string{sign};
            }
        for (const std::string_view word : {"contains_i", "contains", "startswith_i", "startswith", "endswith"})
            if (keyword(word)) return std::string{word};
        return {};
    }

    RsyslogText& text_;
    std::string began_;
};

}  // namespace

LogSelection read_rsyslog_condition(RsyslogText& text) {
    Expression expression{text};
    const LogSelection result = expression.any(0);
    expression.end();
    return result;
}

LogSelection read_rsyslog_property_filter(RsyslogText& text) {
    const std::string source = text.here();
    text.advance();
    const auto part = [&] {
        std::string words;
        while (!text.at_end() && text.peek() != ',' && text.peek() != '\n' && text.peek() != '\0') {
            words += text.peek();
            text.advance();
        }
        if (text.peek() != ',') text.refuse(source, "expected :property, operation, \"value\"");
        text.advance();
        return text::lower(text::trimmed(words));
    };
    std::string property = part();
    std::string operation = part();
    while (text.peek() == ' ' || text.peek() == '\t') text.advance();
    if (text.peek() != '"') text.refuse(source, "expected a value in quotes behind the operation");
    const std::string value = text.quoted();
    const bool negated = operation.starts_with('!');
    if (negated) operation.erase(0, 1);
    if (property.starts_with('$')) property.erase(0, 1);
    const LogSelection result = operation == "isequal" ? equal_to(property, {value}) : unknown();
    return negated ? ~result : result;
}

}  // namespace annexa::collectors
