// Where passwords and invitations come from: a file, standard input or the terminal, never the command line, which
// every process of the machine may read.
#pragma once

#include <string>

namespace annexa::cli {

/// The first line of a file; of "-", the next line of standard input; without a file, what is typed after the question,
/// not shown. Throws evidence::error that names the option where there is neither file nor terminal, or an empty line.
std::string read_secret(const std::string& file, const char* option, const char* question);

/// As read_secret; typed, it is asked for twice, and throws where the two differ.
std::string read_new_secret(const std::string& file, const char* option, const char* question);

/// What is typed after the question, shown: a one-time code. `given` where it is not empty.
std::string read_code(const std::string& given);

}  // namespace annexa::cli
