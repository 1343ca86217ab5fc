#include "collectors/support/gzip.hpp"

#include "collectors/host.hpp"

#include <zlib.h>

#include <limits>

namespace annexa::collectors {
namespace {

struct Inflater {
    z_stream stream{};
    Inflater() {
        if (::inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK)
            throw host_error{evidence::Reason::out_of_memory, "no memory for zlib"};
    }
    ~Inflater() { ::inflateEnd(&stream); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
};

}  // namespace

std::string gunzip(std::string_view name, std::string_view bytes, std::size_t most_bytes) {
    const auto refuse = [&](const std::string& what) {
        throw host_error{evidence::Reason::malformed_source, std::string{name} + ": gzip: " + what};
    };
    if (bytes.size() > std::numeric_limits<uInt>::max()) refuse("too large");
    Inflater inflater;
    z_stream& stream = inflater.stream;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    std::string result;
    char buffer[65536];
    while (true) {
        stream.next_out = reinterpret_cast<Bytef*>(buffer);
        stream.avail_out = sizeof buffer;
        const int code = ::inflate(&stream, Z_NO_FLUSH);
        if (code != Z_OK && code != Z_STREAM_END) refuse(code == Z_BUF_ERROR ? "ends early" : "not gzip, or damaged");
        result.append(buffer, sizeof buffer - stream.avail_out);
        if (result.size() > most_bytes)
            throw host_error{evidence::Reason::unreadable_source,
                             std::string{name} + ": is larger than " + std::to_string(most_bytes) + " bytes without compression"};
        if (code != Z_STREAM_END) continue;
        if (stream.avail_in == 0) return result;
        if (::inflateReset(&stream) != Z_OK) refuse("damaged");
    }
}

}  // namespace annexa::collectors
