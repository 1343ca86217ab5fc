// What every collector must do without being asked, over every machine that its cases describe and over worse ones.
#include "collectors/collected.hpp"
#include "evidence/reason.hpp"
#include "support/golden.hpp"
#include "support/temporary_folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <map>

using namespace annexa;
using namespace annexa::collectors;
namespace fs = std::filesystem;

namespace {

const fs::path cases = ANNEXA_SOURCE_DIR "/tests/collectors";

std::vector<fs::path> cases_of(const Collector& collector) {
    std::vector<fs::path> result;
    for (const fs::path& path : tests::case_folders(cases))
        if (path.parent_path().filename() == collector.name) result.push_back(path);
    return result;
}

Collected collect_from(const Collector& collector, const fs::path& folder) {
    const auto machine = fixture_machine(folder.string());
    return collect_here(collector, *machine);
}

std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{"/proc/self/fd"}, fs::directory_iterator{}));
}

void demand_sound(const Collected& result) {
    INFO(evidence::reason_code(result.reason.value_or(Reason::internal)) << ": " << result.message);
    if (!result.reason) return;
    for (const Reason defect : {Reason::internal, Reason::out_of_memory, Reason::bad_output})
        CHECK(result.reason != defect);
    CHECK_FALSE(result.message.empty());
}

/// A case folder whose every text file was changed.
void copy_changed(const fs::path& from, const fs::path& to,
                  const std::function<std::string(const std::string&)>& change) {
    fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    for (const char* part : {"root", "kernel"}) {
        if (!fs::exists(to / part)) continue;
        for (const fs::directory_entry& entry : fs::recursive_directory_iterator{to / part})
            if (entry.is_regular_file() && !entry.is_symlink())
                std::ofstream{entry.path(), std::ios::binary} << change(tests::file_text(entry.path()));
    }
}

const std::map<std::string, std::function<std::string(const std::string&)>> hostile{
    {"empty", [](const std::string&) { return std::string{}; }},
    {"bytes that are no UTF-8", [](const std::string& text) { return "\xff\xfe\x80\n" + text + "\xc3\n"; }},
    {"NUL bytes", [](const std::string& text) { return text + std::string("a\0b=\0c\n\0", 8); }},
    {"a line of a megabyte",
     [](const std::string& text) { return text + std::string(std::size_t{1} << 20, 'x') + "\n"; }},
    {"a hundred thousand lines",
     [](const std::string& text) {
         std::string result = text;
         for (int i = 0; i < 100'000; ++i) result += "a b\n";
         return result;
     }},
    {"quotes, blanks and separators",
     [](const std::string& text) {
         return text + "\"'`$(reboot) ; \\\n\"\"\"\n===:::,,,\n[[[[((((\n\\\\\\\n-\n=\n:\n";
     }},
    {"no end of line", [](const std::string& text) { return text.substr(0, text.size() * 2 / 3); }},
    {"carriage returns",
     [](const std::string& text) {
         std::string result;
         for (const char c : text) result += c == '\n' ? "\r\n" : std::string{c};
         return result;
     }},
    {"upside down",
     [](const std::string& text) {
         return std::string{text.rbegin(), text.rend()};
     }},
    {"deeply nested",
     [](const std::string& text) {
         return text + std::string(50'000, '(') + std::string(50'000, '{') + std::string(50'000, '!') + "\n";
     }},
};

}  // namespace

TEST_CASE("contract: the same machine yields the same bytes, and no descriptor is left open") {
    for (const Collector* collector : all_collectors()) {
        for (const fs::path& folder : cases_of(*collector)) {
            INFO(folder);
            const std::size_t before = open_descriptors();
            const std::string first = tests::golden_text(collect_from(*collector, folder));
            CHECK(open_descriptors() == before);
            CHECK(tests::golden_text(collect_from(*collector, folder)) == first);
        }
    }
}

// A host whose files were emptied (a full disk, an intruder) is not a host without what they tell of: of an empty table
// every check says that there is nothing to find.
TEST_CASE("contract: emptied files make no table empty, but where nothing is what a working host may have") {
    const std::map<std::string, std::string, std::less<>> may_be_empty{
        {"apt_sources", "an air-gapped host; updates-index-fresh and updates-security-pending say so"},
        {"audit_rules", "no rules are loaded: audit-rules fails"},
        {"auditd_config", "auditd has a default for everything"},
        {"block_devices", "what /sys/block does not give a size is none"},
        {"deleted_libraries", "none is what a host should have; running_code tells how many processes were looked at"},
        {"kernel_modules", "a kernel with all that it needs built in"},
        {"log_forwarding", "nothing is forwarded: logs-forwarded fails"},
        {"log_rotation", "logrotate is told of no log: log-retention fails"},
        {"login_defs", "every setting has a default, which the checks know"},
        {"mandatory_access_profiles", "no profile is loaded: mandatory-access-control fails"},
        {"mount_config", "an fstab without an entry: what is mounted all the same is in mounts"},
        {"network_services",
         "none is what a host should have; an emptied unit file is a mask, and packages are looked at beside"},
        {"session_timeouts", "nothing ends a session: sessions-time-out fails"},
        {"sudo_defaults", "sudo has a default for everything"},
        {"sudo_rules", "nobody may use sudo; sudo_sources says what was read"},
        {"sudoers", "as sudo_rules"},
        {"system_controls", "an image that configures no parameter"},
        {"tls_certificates", "services that are told of no certificate show none: the checks do not apply"},
        {"time_sources", "a daemon without a source: clock-synchronized fails"},
    };
    std::map<std::string, std::string, std::less<>> emptied;  // table: a case
    for (const Collector* collector : all_collectors())
        for (const fs::path& folder : cases_of(*collector)) {
            const Collected before = collect_from(*collector, folder);
            if (before.outcome != Outcome::ok) continue;
            const tests::TemporaryFolder changed;
            copy_changed(folder, changed.path() / "case", hostile.at("empty"));
            const Collected after = collect_from(*collector, changed.path() / "case");
            if (after.outcome != Outcome::ok) continue;
            for (std::size_t i = 0; i < before.tables.size(); ++i)
                if (!before.tables[i].rows.empty() && after.tables[i].rows.empty())
                    emptied.emplace(before.tables[i].name, folder.string());
        }
    for (const auto& [table, folder] : emptied) {
        INFO(folder << " with its files emptied: table " << table << " is empty and no error");
        CHECK(may_be_empty.contains(table));
    }
    for (const auto& [table, why] : may_be_empty) {
        INFO(table << " (" << why << ") is exempt without need");
        CHECK(emptied.contains(table));
    }
}

TEST_CASE("contract: an empty machine is told, not crashed upon") {
    const tests::TemporaryFolder empty;
    const tests::TemporaryFolder image;
    image.write("host.yaml", "image: true\n");
    for (const Collector* collector : all_collectors()) {
        INFO(collector->name);
        demand_sound(collect_from(*collector, empty.path()));
        const Collected on_image = collect_from(*collector, image.path());
        demand_sound(on_image);
        if (!collector->reads_images) CHECK(on_image.reason == Reason::needs_running_system);
    }
}

TEST_CASE("contract: a file that may not be read is an error, never an empty table") {
    for (const Collector* collector : all_collectors()) {
        for (const fs::path& folder : cases_of(*collector)) {
            const Collected plain = collect_from(*collector, folder);
            if (plain.outcome != Outcome::ok ||
                tests::file_text(folder / "host.yaml").find("unreadable:") != std::string::npos)
                continue;
            for (const Source& source : plain.sources) {
                // Files, not interfaces of the kernel: those have no digest and are no file of the root.
                if (!fs::is_regular_file(fs::symlink_status(folder / ("root" + source.path)))) continue;
                const tests::TemporaryFolder changed;
                fs::copy(folder, changed.path(), fs::copy_options::recursive | fs::copy_options::copy_symlinks);
                std::ofstream{changed / "host.yaml", std::ios::app} << "\nunreadable: [\"" << source.path << "\"]\n";
                const Collected result = collect_from(*collector, changed.path());
                INFO(folder << " without " << source.path);
                CHECK(result.outcome == Outcome::error);
                CHECK(result.tables.empty());
            }
        }
    }
}

TEST_CASE("contract: hostile text is told or refused, in time and within the schema", "[slow]") {
    // The first machines of each collector: what a parser does with hostile text hardly depends on what was there
    // before.
    constexpr std::size_t most_cases = 5;
    constexpr std::size_t most_cases_of_large_texts = 2;
    for (const Collector* collector : all_collectors()) {
        std::size_t number = 0;
        for (const fs::path& folder : cases_of(*collector)) {
            if (number++ == most_cases) break;
            for (const auto& [name, change] : hostile) {
                const bool large = name.starts_with("a ") || name == "deeply nested";
                if (large && number > most_cases_of_large_texts) continue;
                const tests::TemporaryFolder changed;
                copy_changed(folder, changed.path() / "case", change);
                INFO(folder << " with " << name);
                const Collected result = collect_from(*collector, changed.path() / "case");
                demand_sound(result);
                CHECK(result.duration_ms < 20'000);
            }
        }
    }
}
