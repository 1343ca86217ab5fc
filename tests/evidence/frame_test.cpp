#include "evidence/frame.hpp"
#include "evidence/errors.hpp"

#include <catch2/catch.hpp>

#include <vector>

using namespace annexa::evidence;

TEST_CASE("a frame is four bytes of length and the bytes") {
    CHECK(encode_frame("abc") == std::string("\0\0\0\3abc", 7));
    CHECK(encode_frame(std::string(300, 'x')).substr(0, 4) == std::string("\0\0\1\x2c", 4));
    CHECK(encode_frame("") == std::string("\0\0\0\0", 4));
}

TEST_CASE("frames come back however the stream is cut") {
    const std::vector<std::string> sent{"one", "", std::string(70000, 'y'), std::string("\0\0\0\xff", 4)};
    std::string stream;
    for (const std::string& frame : sent) stream += encode_frame(frame);
    const std::size_t step = GENERATE(1U, 3U, 4U, 5U, 4096U, 1000000U);
    FrameDecoder decoder{1 << 20};
    std::vector<std::string> found;
    for (std::size_t at = 0; at < stream.size(); at += step) {
        decoder.add(std::string_view{stream}.substr(at, step));
        while (auto frame = decoder.next()) found.push_back(std::move(*frame));
    }
    CHECK(found == sent);
    CHECK_FALSE(decoder.within_frame());
    decoder.add(std::string_view{"\0\0", 2});
    CHECK_FALSE(decoder.next());
    CHECK(decoder.within_frame());
}

TEST_CASE("a length beyond the bound is refused before its bytes come") {
    FrameDecoder decoder{10};
    decoder.add(encode_frame("0123456789"));
    CHECK(decoder.next() == "0123456789");
    decoder.add(std::string_view{"\0\0\0\x0b", 4});
    try {
        decoder.next();
        FAIL("accepted");
    } catch (const format_error& failure) {
        CHECK(failure.offset() == 14);
    }
}
