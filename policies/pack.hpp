// Policy packs: a folder of pack.yaml, checks/ID.yaml and cases/ID.yaml, as policies/README.md describes it.
//
// Whatever is wrong in a pack is found when it is loaded, all at once, each with file, line and column; a pack that was
// loaded needs no further validation. Its values are owned; a loaded pack is never changed and may be shared by
// threads.
#pragma once

#include "evidence/digest.hpp"
#include "evidence/errors.hpp"
#include "policies/parameter.hpp"
#include "policies/schema.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::policies {

/// Path below the pack's folder, with slashes → the file's bytes.
using FileTree = std::map<std::string, std::string>;

/// pack.yaml, checks/*.yaml and cases/*.yaml of a folder. Throws evidence::error where there is no such folder, a file
/// cannot be read or is larger than 1 MiB.
FileTree read_pack_folder(const std::filesystem::path& folder);

/// The pack that this program was built with: linux-baseline.
const FileTree& linux_baseline_files();

enum class Severity { low, medium, high, critical };
std::string_view severity_name(Severity severity);

/// direct: the control is tested; partial: the check supports it, and can lower a status but never raise it.
enum class Strength { direct, partial };
std::string_view strength_name(Strength strength);

struct ControlLink {
    std::string id;
    Strength strength = Strength::direct;
};

struct Check {
    std::string id, title, topic;
    Severity severity = Severity::medium;
    bool on_by_default = true;
    bool in_force = true;                // after the pack's disable and enable
    std::chrono::seconds fix_within{0};  // how long a finding may be open before it is overdue
    std::chrono::seconds max_age{0};     // evidence older than this is stale
    int tolerance = 0;                   // hosts on which it may be overdue before the control suffers
    std::vector<ControlLink> controls;
    std::vector<std::string> needs;  // tables
    std::string applies_if;          // SQL; empty: always
    std::string otherwise;           // reason where applies_if returns no row: a code of evidence::Reason, or empty: does_not_apply
    std::string population;
    std::string violations;
    std::vector<std::string> key;
    std::set<std::string> null_may_pass;          // "table.column"
    std::string rationale, remediation, ansible;  // texts may hold {parameter}

    // Found out when it was loaded:
    std::map<std::string, std::set<std::string>> reads;  // table → columns that its queries read
    std::vector<std::string> collectors;                 // that make the tables in `needs`, each once
    std::map<std::string, std::string> made_by;          // table in `needs` → its collector
    std::set<std::string> parameters;                    // that its queries or texts use
    bool reads_now = false;  // is to be evaluated again at each result, also an unchanged one

    [[nodiscard]] const ControlLink* control(std::string_view id) const;
};

struct Pack {
    std::string name, version, title;
    evidence::Digest digest;  // of canonical JSON {path: hex SHA-256 of the file}, without the cases
    std::map<std::string, Parameter, std::less<>> parameters;
    std::vector<Check> checks;  // by id; also those that are off

    [[nodiscard]] const Check* find(std::string_view check) const;
    [[nodiscard]] std::vector<const Check*> checks_in_force() const;
    [[nodiscard]] Parameters default_parameters() const;
};

struct PackError {
    std::string file;  // below the pack's folder
    int line = 1;
    int column = 1;
    std::string what;  // what was expected

    /// "checks/ssh-macs.yaml:7:8: …"
    [[nodiscard]] std::string text() const;
};

/// All that is wrong in a pack, in the order of files and lines. what() is one error a line.
class pack_errors : public evidence::error {
  public:
    explicit pack_errors(std::vector<PackError> errors);
    [[nodiscard]] const std::vector<PackError>& errors() const { return errors_; }

  private:
    std::vector<PackError> errors_;
};

/// Throws pack_errors. Cases are not looked at here (cases.hpp).
Pack load_pack(const FileTree& files, const Schemas& schemas);

/// The digest alone.
evidence::Digest pack_digest(const FileTree& files);

}  // namespace annexa::policies
