// The kinds of records as the store tells of them (GET /api/v1/isms/kinds): the command line knows none by itself, so a
// kind that the store learns is known here at once.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::cli {

class Client;

struct Field {
    std::string name;
    std::string description;
    std::string type;  // "line", "text", "integer", "group", …
    bool required = false;
    bool many = false;      // a list
    bool computed = false;  // written by the store alone
    std::vector<std::string> choices;
    std::vector<Field> members;  // of a group

    /// Whether a value of it is free text, in which a comma is a comma.
    [[nodiscard]] bool is_text() const { return type == "line" || type == "text"; }
};

/// What a person does with a record beyond editing it.
struct Action {
    std::string name;
    std::string description;
    std::vector<Field> input;
};

struct Kind {
    std::string name;    // "risk"
    std::string plural;  // "risks": folder of an export
    std::string title;
    int step = 0;  // of the ten
    std::string clauses;
    std::string key;          // member that no two records share; empty: none
    bool single = false;      // at most one record
    bool approvable = false;  // approving it means something
    std::vector<Field> fields;
    std::vector<Action> actions;
};

class Kinds {
  public:
    /// Throws evidence::error where the answer is none of a store's.
    explicit Kinds(const nlohmann::json& answer);
    static Kinds from(Client& client);

    [[nodiscard]] std::span<const Kind> all() const { return list_; }
    /// By name or plural; nullptr where there is none.
    [[nodiscard]] const Kind* find(std::string_view name) const;
    /// Throws evidence::error that says where the kinds are listed.
    [[nodiscard]] const Kind& get(std::string_view name) const;

  private:
    std::vector<Kind> list_;
};

/// nullptr where there is none.
const Field* find_field(std::span<const Field> fields, std::string_view name);
/// nullptr where the kind has none of that name.
const Action* find_action(const Kind& kind, std::string_view name);

/// "R-0042": the form alone.
bool is_record_id(std::string_view text);

}  // namespace annexa::cli
