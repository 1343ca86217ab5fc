// Counts of the server, in Prometheus' text format. Names begin with annexa_; none bears a host, a person or an address.
#pragma once

#include "server-stub/http/message.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::store {

struct Condition;

/// Safe from any thread.
class Metrics {
  public:
    Metrics();
    ~Metrics();
    Metrics(const Metrics&) = delete;
    Metrics& operator=(const Metrics&) = delete;

    /// `route` is a route's pattern, never what a client sent.
    void answered(Listener listener, std::string_view route, unsigned status, double seconds);
    /// Refused before it was a request of a route.
    void refused(Listener listener, std::string_view code);

    /// What is true now, beside what was counted.
    struct Now {
        std::uint64_t log_entries = 0;
        std::uint64_t hosts = 0;
        const std::vector<Condition>& conditions;
    };
    [[nodiscard]] std::string text(const Now& now);

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace annexa::store
