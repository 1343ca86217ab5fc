#include "collectors/support/apt_memory.hpp"

#include "collectors/support/descriptor.hpp"
#include "collectors/support/text.hpp"
#include "evidence/digest.hpp"
#include "evidence/instant.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace annexa::collectors {
namespace {

constexpr std::string_view format = "annexa apt answer 2";
constexpr std::size_t most_bytes = std::size_t{32} << 20;
constexpr std::int64_t settled_ns = 2'000'000'000;

// Netstrings: LENGTH:BYTES, one after the other.
void put(std::string& out, std::string_view text) {
    out += std::to_string(text.size()) + ":" + std::string{text} + ",";
}

class Reader {
  public:
    explicit Reader(std::string_view rest) : rest_{rest} {}
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    std::string take() {
        const std::size_t colon = rest_.find(':');
        const auto length =
            colon == std::string_view::npos ? std::nullopt : text::unsigned_integer(rest_.substr(0, colon));
        if (!length || *length >= rest_.size() - colon - 1 || rest_[colon + 1 + *length] != ',') {
            failed_ = true;
            rest_ = {};
            return {};
        }
        std::string value{rest_.substr(colon + 1, *length)};
        rest_.remove_prefix(colon + 2 + *length);
        return value;
    }
    std::int64_t number() {
        const auto value = text::integer(take());
        if (!value) failed_ = true;
        return value.value_or(0);
    }

  private:
    std::string_view rest_;
    bool failed_ = false;
};

std::string AptUpdate::*const texts[] = {&AptUpdate::name,
                                         &AptUpdate::architecture,
                                         &AptUpdate::source,
                                         &AptUpdate::installed_version,
                                         &AptUpdate::candidate_version,
                                         &AptUpdate::security_version,
                                         &AptUpdate::origin,
                                         &AptUpdate::label,
                                         &AptUpdate::suite,
                                         &AptUpdate::codename,
                                         &AptUpdate::site};

std::string written(const std::string& digest, const AptCacheView& view) {
    std::string body;
    put(body, format);
    put(body, digest);
    put(body, std::to_string(view.updates.size()));
    for (const AptUpdate& update : view.updates) {
        for (const auto member : texts) put(body, update.*member);
        put(body, update.held ? "1" : "0");
    }
    put(body, std::to_string(view.strangers.size()));
    for (const AptStranger& stranger : view.strangers) {
        for (const std::string* text : {&stranger.name, &stranger.architecture, &stranger.version, &stranger.newest})
            put(body, *text);
        put(body, stranger.newer ? "1" : "0");
    }
    for (const auto& [name, count] : view.packages) {
        put(body, name);
        put(body, std::to_string(count));
    }
    return body + evidence::sha256(body).hex();
}

std::optional<std::string> read_own_file(const std::string& path) {
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
    struct stat status {};
    if (!file || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    if (status.st_uid != ::geteuid() || (status.st_mode & 022U) != 0) return std::nullopt;
    if (static_cast<std::size_t>(status.st_size) > most_bytes) return std::nullopt;
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
    if (count != static_cast<ssize_t>(bytes.size())) return std::nullopt;
    return bytes;
}

}  // namespace

AptMemory::AptMemory(std::string_view identity) : digest_{evidence::sha256(identity).hex()} {
    const char* folder = std::getenv("CACHE_DIRECTORY");
    if (folder != nullptr && folder[0] == '/') path_ = std::string{folder} + "/apt-answer";
}

std::optional<AptCacheView> AptMemory::recall() const {
    if (path_.empty()) return std::nullopt;
    const auto bytes = read_own_file(path_);
    if (!bytes || bytes->size() < 64) return std::nullopt;
    const std::string_view body{bytes->data(), bytes->size() - 64};
    if (evidence::sha256(body).hex() != std::string_view{*bytes}.substr(body.size())) return std::nullopt;
    Reader reader{body};
    if (reader.take() != format || reader.take() != digest_) return std::nullopt;
    AptCacheView view;
    for (std::int64_t left = reader.number(); left > 0 && !reader.failed(); --left) {
        AptUpdate update;
        for (const auto member : texts) update.*member = reader.take();
        update.held = reader.take() == "1";
        view.updates.push_back(std::move(update));
    }
    for (std::int64_t left = reader.number(); left > 0 && !reader.failed(); --left) {
        AptStranger stranger;
        for (std::string* text : {&stranger.name, &stranger.architecture, &stranger.version, &stranger.newest})
            *text = reader.take();
        stranger.newer = reader.take() == "1";
        view.strangers.push_back(std::move(stranger));
    }
    while (!reader.at_end() && !reader.failed()) {
        std::string name = reader.take();
        view.packages[std::move(name)] = reader.number();
    }
    if (reader.failed()) return std::nullopt;
    return view;
}

void AptMemory::remember(const AptCacheView& view, std::int64_t newest_change_ns) const {
    if (path_.empty()) return;
    const std::int64_t now_ns = evidence::SystemClock{}.now().time_since_epoch().count() * 1'000'000;
    if (now_ns - newest_change_ns < settled_ns) return;
    const std::string text = written(digest_, view);
    const std::string fresh = path_ + ".new";
    ::unlink(fresh.c_str());
    const Descriptor file{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
    if (!file) return;
    const bool whole = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!whole || ::rename(fresh.c_str(), path_.c_str()) != 0) ::unlink(fresh.c_str());
}

}  // namespace annexa::collectors
