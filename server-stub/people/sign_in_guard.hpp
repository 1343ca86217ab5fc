// What stands before every look at a password: not too many at once, not too many failures; and the key that the
// secrets of one-time codes are sealed under.
#pragma once

#include "server-stub/people/throttle.hpp"

#include <atomic>
#include <optional>
#include <string>
#include <string_view>

namespace annexa::store {

class SignInGuard {
  public:
    /// Each costs 128 MiB and half a second of a processor.
    static constexpr int most_hashes_at_once = 2;

    /// 32 bytes (code_key() in server/data_folder.hpp).
    explicit SignInGuard(std::string code_key);
    ~SignInGuard();
    SignInGuard(const SignInGuard&) = delete;
    SignInGuard& operator=(const SignInGuard&) = delete;

    /// The right to compute a password's hash, as long as it lives.
    class Slot {
      public:
        explicit Slot(std::atomic<int>& taken);
        ~Slot() { --taken_; }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;

      private:
        std::atomic<int>& taken_;
    };
    /// Throws coded_error `busy` where as many are being computed as may be.
    [[nodiscard]] Slot slot() { return Slot{taken_}; }

    /// A secret as it rests: bound to its account, so that a row copied to another opens nothing.
    [[nodiscard]] std::string seal(std::string_view account, std::string_view secret) const;
    /// Nothing where it was sealed under another key.
    [[nodiscard]] std::optional<std::string> open(std::string_view account, std::string_view sealed) const;

    /// decoy_hash(), always the same.
    [[nodiscard]] const std::string& decoy() const { return decoy_; }

    Throttle throttle;

  private:
    std::string code_key_;
    std::string decoy_;
    std::atomic<int> taken_{0};
};

}  // namespace annexa::store
