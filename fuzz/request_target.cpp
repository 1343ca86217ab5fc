// A request target that is taken has one reading.
#include "server-stub/http/router.hpp"

#include "fuzz/fuzz.hpp"

using annexa::fuzz::promise;
using annexa::fuzz::text_of;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto target = annexa::store::parse_target(text_of(data, size));
    if (!target) return 0;
    const std::string fenced = target->path + "/";
    promise(target->path.starts_with('/'));
    promise(fenced.find("/../") == std::string::npos && fenced.find("/./") == std::string::npos);
    promise(target->path == "/" || fenced.find("//") == std::string::npos);
    for (const char c : target->path) promise(static_cast<unsigned char>(c) >= 0x20);
    return 0;
}
