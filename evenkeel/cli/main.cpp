// SPDX-License-Identifier: Apache-2.0
// The command `evenkeel`: what was typed -> a command, what was thrown -> an exit code.
#include <exception>
#include <iostream>
#include <new>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/parse.h"
#include "evenkeel/kernels/instruction_set.h"

namespace evenkeel::cli {
namespace {

int fail(const std::string& text, int code) {
  std::cout.flush();
  std::cerr << "evenkeel: " << text << std::endl;
  return code;
}

// Before the command computes anything. What --resume has of it, `train` sees to.
template <typename Given>
int run_on_instruction_set(const Given& given) {
  if constexpr (requires { given.isa; }) use_instruction_set(given.isa.value_or("auto"));
  return run(given);
}

int run_command(int argc, const char* const* argv) {
  const auto arguments = parse(argc, argv, std::cout);
  const int code =
      arguments
          ? std::visit([](const auto& given) { return run_on_instruction_set(given); }, *arguments)
          : kDone;
  std::cout.flush();
  if (!std::cout)
    throw RuntimeFailure("standard output", "could not be written; is the disk full?");
  return code;
}

}  // namespace
}  // namespace evenkeel::cli

int main(int argc, char** argv) {
  using namespace evenkeel;
  std::ios::sync_with_stdio(false);
  try {
    return cli::run_command(argc, argv);
  } catch (const InvalidArgument& error) {
    return cli::fail(error.what(), cli::kWrongUse);
  } catch (const DataError& error) {
    return cli::fail(error.what(), cli::kBadData);
  } catch (const std::bad_alloc&) {
    return cli::fail("not enough memory", cli::kFailed);
  } catch (const std::exception& error) {
    return cli::fail(error.what(), cli::kFailed);
  }
}
