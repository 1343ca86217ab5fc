// Files below a root folder, resolved as the kernel of a machine rooted there would: openat2(2) with RESOLVE_IN_ROOT.
#pragma once

#include "collectors/host.hpp"
#include "collectors/source_log.hpp"
#include "collectors/support/descriptor.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

struct stat;

namespace annexa::collectors {

class RootedFiles : public Files {
  public:
    /// A root that does not exist is an empty one (a case without root/). Throws evidence::error where it is no folder.
    RootedFiles(std::string root, SourceLog& sources);

    /// Reads what belongs below `from` at `to`, and says it under its own name: for a service that sees a folder at
    /// another place than it is.
    void moved(std::string from, std::string to) { moved_.emplace_back(std::move(from), std::move(to)); }

    std::optional<File> read(std::string_view path, std::size_t most_bytes) override;
    std::optional<std::string> read_head(std::string_view path, std::size_t bytes) override;
    std::optional<FileStatus> status(std::string_view path) override;
    std::optional<FileStatus> status_of_link(std::string_view path) override;
    std::optional<std::vector<std::string>> list(std::string_view path) override;
    std::optional<std::string> read_link(std::string_view path) override;
    std::optional<std::string> attribute(std::string_view path, std::string_view name) override;
    std::optional<std::string> md5(std::string_view path) override;
    std::optional<std::string> sha256(std::string_view path) override;
    std::optional<std::string> path_for_library(std::string_view path) override;

  protected:
    /// For fixtures: what the host would say instead of what the case folder says.
    virtual FileStatus adjusted(const std::string& path, FileStatus status) const;
    /// For fixtures: throws host_error for what is unreadable on that host.
    virtual void permit(const std::string& path) const;

  private:
    Descriptor resolve(std::string_view path, bool follow) const;  // O_PATH; empty where there is nothing
    Descriptor reopen(const Descriptor& handle, std::string_view path, int flags);
    std::string real_path(const Descriptor& handle, std::string_view path) const;
    FileStatus status_of(const Descriptor& handle, const std::string& path) const;
    std::optional<std::string> read_bytes(std::string_view path, std::size_t most_bytes, bool whole);
    template <class Digest>
    std::optional<std::string> digest(std::string_view path);
    bool everybody_may_read(const std::string& real, const FileStatus& status);
    bool everybody_may_enter(const std::string& folder);

    std::string root_;
    std::string real_root_;
    Descriptor root_descriptor_;
    std::vector<std::pair<std::string, std::string>> moved_;
    SourceLog& sources_;
    std::map<std::string, bool> enterable_;
    std::vector<Descriptor> for_libraries_;
};

}  // namespace annexa::collectors
