// Requests to the kernel over netlink(7), their answers bounded in time and size.
#pragma once

#include "collectors/support/descriptor.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace annexa::collectors::netlink {

struct Message {
    std::uint16_t type = 0;
    std::string payload;
};

enum class End { none, done, error };

/// Cuts one datagram into messages and says how it ended; `code` is the positive errno of an error. Throws
/// evidence::format_error where lengths do not fit.
struct Datagram {
    std::vector<Message> messages;
    End end = End::none;
    int code = 0;
};
Datagram parse_datagram(std::string_view bytes);

/// The attributes (struct nlattr) of a payload from an offset on: type → bytes. Throws evidence::format_error.
struct Attribute {
    std::uint16_t type = 0;
    std::string_view value;
};
std::vector<Attribute> attributes(std::string_view payload, std::size_t offset);

/// One socket of a netlink protocol. Not thread-safe.
class Socket {
  public:
    /// Throws std::system_error: EPROTONOSUPPORT where this kernel knows the protocol not.
    explicit Socket(int protocol);

    /// Sends one request and returns all messages up to the end of the dump, or the one answer. Throws
    /// std::system_error with the kernel's error, or ETIMEDOUT, EMSGSIZE.
    std::vector<Message> dump(std::uint16_t type, std::string_view payload, std::uint16_t flags);
    Message ask(std::uint16_t type, std::string_view payload);

  private:
    std::vector<Message> exchange(std::uint16_t type, std::string_view payload, std::uint16_t flags, bool one);
    std::string receive();

    Descriptor descriptor_;
    std::uint32_t sequence_ = 0;
};

}  // namespace annexa::collectors::netlink
