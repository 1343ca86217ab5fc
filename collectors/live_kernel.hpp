// The kernel of the machine that annexa runs on.
#pragma once

#include "collectors/host.hpp"
#include "collectors/source_log.hpp"

namespace annexa::collectors {

class LiveKernel final : public Kernel {
  public:
    explicit LiveKernel(SourceLog& sources) : sources_{sources} {}

    std::optional<std::string> read(std::string_view path, std::size_t most_bytes) override;
    std::optional<std::vector<std::string>> list(std::string_view path) override;
    std::optional<std::string> read_link(std::string_view path) override;
    KernelName name() override;
    evidence::Instant now() override;
    std::optional<FileSystemUsage> usage(std::string_view mount_point) override;
    std::vector<KernelSocket> sockets() override;
    std::vector<KernelAddress> addresses() override;
    KernelClock clock() override;
    KernelAudit audit() override;
    std::vector<KernelFilterChain> filter_chains() override;
    std::vector<SystemdUnit> units() override;
    std::map<std::string, std::string> unit_properties(std::string_view unit,
                                                       const std::vector<std::string>& names) override;
    std::optional<std::string> luks_header(std::string_view device, std::size_t bytes) override;

  private:
    SourceLog& sources_;
};

/// adjtimex(2) without changing anything. Throws host_error.
KernelClock read_clock();

/// True where sysfs (a crypt mapping upon it) or udev's database says that the block device MAJOR:MINOR holds LUKS.
bool says_luks(Kernel& kernel, std::string_view udev_folder, unsigned major, unsigned minor);

}  // namespace annexa::collectors
