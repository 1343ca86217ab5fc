#include "tests/evidence/random.hpp"

#include "evidence/utf8.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace annexa::evidence::test {
namespace {

void append_utf8(std::string& out, std::uint32_t point) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0 | (point >> 6)), put(0x80 | (point & 63));
    } else if (point < 0x10000) {
        put(0xe0 | (point >> 12)), put(0x80 | ((point >> 6) & 63)), put(0x80 | (point & 63));
    } else {
        put(0xf0 | (point >> 18)), put(0x80 | ((point >> 12) & 63)), put(0x80 | ((point >> 6) & 63)),
            put(0x80 | (point & 63));
    }
}

}  // namespace

std::string Random::text(std::size_t most_points) {
    std::string out;
    for (std::uint64_t left = up_to(most_points); left > 0;) {
        std::uint64_t point = 0;
        switch (up_to(5)) {
            case 0:
                point = 1 + up_to(0x1f);
                break;
            case 1:
                point = 0x80 + up_to(0x77f);
                break;
            case 2:
                point = 0x800 + up_to(0xffff - 0x800);
                break;
            case 3:
                point = 0x10000 + up_to(0x10ffff - 0x10000);
                break;
            default:
                point = 0x20 + up_to(0x5f);
        }
        const auto chosen = static_cast<std::uint32_t>(point);
        if ((chosen >= 0xd800 && chosen <= 0xdfff) || is_noncharacter(chosen)) continue;
        append_utf8(out, chosen);
        --left;
    }
    return out;
}

double Random::number() {
    for (;;) {
        double value = 0;
        switch (up_to(5)) {
            case 0:
                value = static_cast<double>(static_cast<std::int64_t>(bits()));
                break;
            case 1:
                value = static_cast<double>(up_to(100000)) / 1000;
                break;
            case 2:
                value = std::ldexp(1.0, static_cast<int>(up_to(2097)) - 1074);
                break;
            case 3:
                value = std::nextafter(std::pow(10.0, static_cast<double>(up_to(44)) - 22), chance(2) ? 1e300 : -1e300);
                break;
            case 4:
                value = static_cast<double>(up_to(2'000'000)) - 1'000'000;
                break;
            default:
                value = std::bit_cast<double>(bits());
        }
        if (std::isfinite(value)) return chance(2) ? -value : value;
    }
}

Value Random::value(Type type) {
    if (chance(6)) return std::monostate{};
    switch (type) {
        case Type::boolean:
            return chance(2);
        case Type::real:
            return number();
        case Type::integer:
            if (chance(3)) return std::numeric_limits<std::int64_t>::min();
            return chance(2) ? static_cast<std::int64_t>(bits()) : static_cast<std::int64_t>(up_to(2000)) - 1000;
        case Type::text:
            return chance(3) ? bytes(up_to(12)) : text(12);
    }
    return std::monostate{};
}

Table Random::table() {
    Table table{identifier(), {}, {}};
    for (std::uint64_t i = up_to(6); i > 0; --i)
        table.columns.push_back({identifier() + std::to_string(i), static_cast<Type>(up_to(3))});
    for (std::uint64_t i = up_to(8); i > 0; --i) {
        Row row;
        for (const ColumnType& column : table.columns) row.push_back(value(column.type));
        table.rows.push_back(std::move(row));
        if (chance(8)) table.rows.push_back(table.rows.front());
    }
    return table;
}

}  // namespace annexa::evidence::test
