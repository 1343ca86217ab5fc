#include "collectors/fixture_yaml.hpp"

#include "collectors/rooted_files.hpp"
#include "collectors/support/text.hpp"
#include "evidence/encoding.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <yaml-cpp/yaml.h>

#include <functional>

namespace annexa::collectors {
namespace {

using evidence::error;

/// By the same bounded reading as everything else.
std::optional<std::string> file_bytes(const std::string& folder, const std::string& name) {
    SourceLog unused;
    RootedFiles rooted{folder, unused};
    Files& files = rooted;
    std::optional<File> file = files.read("/" + name);
    return file ? std::optional{std::move(file->text)} : std::nullopt;
}

class Reader {
  public:
    explicit Reader(std::string folder) : folder_{std::move(folder)} {}

    FixtureAnswers read() {
        FixtureAnswers answers;
        // A fixed day, so that what is computed from it stays the same.
        answers.now = evidence::parse_instant("2026-11-24T00:00:00Z");
        const std::optional<std::string> text = file_bytes(folder_, "host.yaml");
        if (!text) return answers;
        try {
            read_top(YAML::Load(*text), answers);
        } catch (const YAML::Exception& failure) {
            throw error(path() + ":" + place(failure.mark) + ": " + failure.msg);
        }
        return answers;
    }

  private:
    using Handler = std::function<void(const YAML::Node&)>;

    [[nodiscard]] std::string path() const { return folder_ + "/host.yaml"; }
    static std::string place(const YAML::Mark& mark) {
        return std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
    }
    [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
        throw error(path() + ":" + place(node.Mark()) + ": " + what);
    }

    /// Every member by its handler; a member without one is an error.
    void members(const YAML::Node& node, const std::map<std::string, Handler, std::less<>>& handlers) const {
        if (!node.IsMap()) fail(node, "expected a mapping");
        for (const auto& entry : node) {
            const auto name = entry.first.as<std::string>();
            const auto handler = handlers.find(name);
            if (handler == handlers.end()) fail(entry.first, "unknown key " + name);
            handler->second(entry.second);
        }
    }

    template <class T>
    static Handler into(T& target) {
        return [&target](const YAML::Node& node) { target = node.as<T>(); };
    }
    template <class T>
    static Handler into(std::optional<T>& target) {
        return [&target](const YAML::Node& node) { target = node.as<T>(); };
    }
    static Handler octal_into(std::optional<std::uint32_t>& target, const Reader& reader) {
        return [&target, &reader](const YAML::Node& node) {
            const auto value = text::unsigned_integer(node.as<std::string>(), 8);
            if (!value || *value > 07777U) reader.fail(node, "expected an octal mode such as \"0640\"");
            target = static_cast<std::uint32_t>(*value);
        };
    }
    Handler time_into(std::optional<std::int64_t>& target) const {
        return [this, &target](const YAML::Node& node) { target = evidence::unix_seconds(instant(node)); };
    }
    [[nodiscard]] evidence::Instant instant(const YAML::Node& node) const {
        try {
            return evidence::parse_instant(node.as<std::string>());
        } catch (const evidence::format_error&) {
            fail(node, "expected a time such as 2026-11-24T09:30:00Z");
        }
    }

    [[nodiscard]] std::string bytes_beside(const YAML::Node& node) const {
        const auto name = node.as<std::string>();
        if (name.find('/') != std::string::npos) fail(node, "expected the name of a file beside host.yaml");
        std::optional<std::string> bytes = file_bytes(folder_, name);
        if (!bytes) fail(node, "there is no file " + name + " beside host.yaml");
        return std::move(*bytes);
    }

    void read_top(const YAML::Node& node, FixtureAnswers& answers) const {
        if (node.IsNull()) return;
        const Handler ignored = [](const YAML::Node&) {};
        members(node, {{"why", ignored},
                       {"image", into(answers.image)},
                       {"now", [&](const YAML::Node& value) { answers.now = instant(value); }},
                       {"unreadable", into(answers.unreadable)},
                       {"files", [&](const YAML::Node& value) { read_files(value, answers); }},
                       {"kernel", [&](const YAML::Node& value) { read_kernel(value, answers); }},
                       {"programs", [&](const YAML::Node& value) {
                            for (const YAML::Node& program : value) answers.programs.push_back(read_program(program));
                        }}});
    }

    void read_files(const YAML::Node& node, FixtureAnswers& answers) const {
        if (!node.IsMap()) fail(node, "expected paths with what is special about each");
        for (const auto& entry : node) {
            FixtureFile file;
            members(entry.second, {{"mode", octal_into(file.mode, *this)},
                                   {"uid", into(file.uid)},
                                   {"gid", into(file.gid)},
                                   {"modified", time_into(file.modified)},
                                   {"size", into(file.size_bytes)},
                                   {"kind", [&](const YAML::Node& value) { file.kind = kind(value); }},
                                   {"attributes", [&](const YAML::Node& value) {
                                        for (const auto& attribute : value)
                                            file.attributes[attribute.first.as<std::string>()] =
                                                evidence::from_hex(attribute.second.as<std::string>());
                                    }}});
            answers.files[entry.first.as<std::string>()] = std::move(file);
        }
    }

    [[nodiscard]] FileKind kind(const YAML::Node& node) const {
        static const std::map<std::string, FileKind> kinds{
            {"regular", FileKind::regular}, {"directory", FileKind::directory}, {"symlink", FileKind::symlink},
            {"block", FileKind::block},     {"character", FileKind::character}, {"fifo", FileKind::fifo},
            {"socket", FileKind::socket}};
        const auto found = kinds.find(node.as<std::string>());
        if (found == kinds.end()) fail(node, "expected a kind of file");
        return found->second;
    }

    template <class T, class Read>
    static Handler answer(FixtureAnswer<T>& target, Read read) {
        return [&target, read](const YAML::Node& node) {
            if (node.IsScalar() && node.as<std::string>() == "none") {
                target.absent = true;
            } else {
                target.value = read(node);
            }
        };
    }

    void read_kernel(const YAML::Node& node, FixtureAnswers& answers) const {
        members(
            node,
            {{"name", [&](const YAML::Node& value) { answers.name = read_name(value); }},
             {"usage",
              [&](const YAML::Node& value) {
                  for (const auto& entry : value)
                      answers.usage[entry.first.as<std::string>()] = read_usage(entry.second);
              }},
             {"sockets",
              answer(answers.sockets, [this](const YAML::Node& value) { return list(value, &Reader::read_socket); })},
             {"addresses", answer(answers.addresses,
                                  [this](const YAML::Node& value) { return list(value, &Reader::read_address); })},
             {"clock", answer(answers.clock, [this](const YAML::Node& value) { return read_clock(value); })},
             {"audit", answer(answers.audit, [this](const YAML::Node& value) { return read_audit(value); })},
             {"filter", answer(answers.filter,
                               [this](const YAML::Node& value) { return list(value, &Reader::read_filter_chain); })},
             {"units",
              answer(answers.units, [this](const YAML::Node& value) { return list(value, &Reader::read_unit); })},
             {"unit_properties",
              [&](const YAML::Node& value) {
                  for (const auto& entry : value)
                      answers.unit_properties[entry.first.as<std::string>()] =
                          entry.second.as<std::map<std::string, std::string>>();
              }},
             {"luks", [&](const YAML::Node& value) {
                  for (const auto& entry : value)
                      answers.luks[entry.first.as<std::string>()] = bytes_beside(entry.second);
              }}});
    }

    template <class T>
    std::vector<T> list(const YAML::Node& node, T (Reader::*read_one)(const YAML::Node&) const) const {
        if (!node.IsSequence()) fail(node, "expected a sequence, or none");
        std::vector<T> result;
        for (const YAML::Node& element : node) result.push_back((this->*read_one)(element));
        return result;
    }

    [[nodiscard]] KernelName read_name(const YAML::Node& node) const {
        KernelName name{"Linux", "host", "", "", "x86_64"};
        members(node, {{"system", into(name.system)},
                       {"node", into(name.node)},
                       {"release", into(name.release)},
                       {"version", into(name.version)},
                       {"machine", into(name.machine)}});
        return name;
    }

    [[nodiscard]] FileSystemUsage read_usage(const YAML::Node& node) const {
        FileSystemUsage usage;
        members(node, {{"block_size_bytes", into(usage.block_size_bytes)},
                       {"blocks", into(usage.blocks)},
                       {"blocks_free", into(usage.blocks_free)},
                       {"blocks_available", into(usage.blocks_available)},
                       {"inodes", into(usage.inodes)},
                       {"inodes_free", into(usage.inodes_free)}});
        return usage;
    }

    [[nodiscard]] KernelAddress read_address(const YAML::Node& node) const {
        KernelAddress address;
        members(node, {{"interface", into(address.interface)},
                       {"address", into(address.address)},
                       {"mask", into(address.mask)},
                       {"broadcast", into(address.broadcast)},
                       {"point_to_point", into(address.point_to_point)}});
        return address;
    }

    [[nodiscard]] KernelSocket read_socket(const YAML::Node& node) const {
        static const std::map<std::string, int> families{{"inet", AF_INET}, {"inet6", AF_INET6}, {"unix", AF_UNIX}};
        static const std::map<std::string, int> protocols{{"tcp", IPPROTO_TCP},
                                                          {"udp", IPPROTO_UDP},
                                                          {"udplite", IPPROTO_UDPLITE},
                                                          {"sctp", IPPROTO_SCTP},
                                                          {"icmp", IPPROTO_ICMP},
                                                          {"raw", IPPROTO_RAW},
                                                          {"unix", 0}};
        const auto number = [this](const std::map<std::string, int>& names, int& target) -> Handler {
            return [this, &names, &target](const YAML::Node& value) {
                const auto found = names.find(value.as<std::string>());
                if (found == names.end()) fail(value, "unknown name " + value.as<std::string>());
                target = found->second;
            };
        };
        KernelSocket socket;
        members(node, {{"family", number(families, socket.family)},
                       {"protocol", number(protocols, socket.protocol)},
                       {"address", into(socket.address)},
                       {"port", into(socket.port)},
                       {"path", into(socket.path)},
                       {"uid", into(socket.uid)},
                       {"inode", into(socket.inode)}});
        return socket;
    }

    [[nodiscard]] KernelClock read_clock(const YAML::Node& node) const {
        KernelClock clock;
        members(node, {{"synchronized", into(clock.synchronized)},
                       {"offset_us", into(clock.offset_us)},
                       {"maximum_error_us", into(clock.maximum_error_us)},
                       {"estimated_error_us", into(clock.estimated_error_us)}});
        return clock;
    }

    [[nodiscard]] KernelAudit read_audit(const YAML::Node& node) const {
        KernelAudit audit;
        members(node, {{"enabled", into(audit.enabled)},
                       {"failure", into(audit.failure)},
                       {"pid", into(audit.pid)},
                       {"rate_limit", into(audit.rate_limit)},
                       {"backlog_limit", into(audit.backlog_limit)},
                       {"lost", into(audit.lost)},
                       {"backlog", into(audit.backlog)},
                       {"rules", into(audit.rules)}});
        return audit;
    }

    [[nodiscard]] KernelFilterChain read_filter_chain(const YAML::Node& node) const {
        KernelFilterChain chain;
        members(node, {{"family", into(chain.family)},
                       {"table", into(chain.table)},
                       {"name", into(chain.name)},
                       {"type", into(chain.type)},
                       {"hook", into(chain.hook)},
                       {"priority", into(chain.priority)},
                       {"policy", into(chain.policy)},
                       {"dormant", into(chain.dormant)},
                       {"rules", into(chain.rules)}});
        return chain;
    }

    [[nodiscard]] SystemdUnit read_unit(const YAML::Node& node) const {
        SystemdUnit unit{.load_state = "loaded", .active_state = "active", .sub_state = "running"};
        members(node, {{"id", into(unit.id)},
                       {"description", into(unit.description)},
                       {"load_state", into(unit.load_state)},
                       {"active_state", into(unit.active_state)},
                       {"sub_state", into(unit.sub_state)},
                       {"following", into(unit.following)},
                       {"object_path", into(unit.object_path)},
                       {"job_id", into(unit.job_id)},
                       {"job_type", into(unit.job_type)},
                       {"job_path", into(unit.job_path)},
                       {"unit_file_state", into(unit.unit_file_state)},
                       {"fragment_path", into(unit.fragment_path)},
                       {"user", into(unit.user)},
                       {"source_path", into(unit.source_path)}});
        return unit;
    }

    [[nodiscard]] FixtureProgram read_program(const YAML::Node& node) const {
        FixtureProgram program;
        members(node, {{"run", into(program.command)},
                       {"exit", into(program.output.exit_status)},
                       {"output", into(program.output.output)},
                       {"output_file", [&](const YAML::Node& value) { program.output.output = bytes_beside(value); }},
                       {"errors", into(program.output.errors)}});
        if (program.command.empty()) fail(node, "expected run: [/absolute/path, argument…]");
        return program;
    }

    std::string folder_;
};

}  // namespace

FixtureAnswers read_fixture_answers(const std::string& case_folder) { return Reader{case_folder}.read(); }

}  // namespace annexa::collectors
