#pragma once

#include <iostream>
#include <sstream>
#include <string>

namespace annexa::test {

/// What a command prints, while it lives.
class Printed {
  public:
    Printed() : out_{std::cout.rdbuf(text_.rdbuf())}, error_{std::cerr.rdbuf(errors_.rdbuf())} {}
    ~Printed() {
        std::cout.rdbuf(out_);
        std::cerr.rdbuf(error_);
    }
    Printed(const Printed&) = delete;
    Printed& operator=(const Printed&) = delete;
    [[nodiscard]] std::string text() const { return text_.str(); }
    [[nodiscard]] std::string errors() const { return errors_.str(); }

  private:
    std::ostringstream text_;
    std::ostringstream errors_;
    std::streambuf* out_;
    std::streambuf* error_;
};

}  // namespace annexa::test
