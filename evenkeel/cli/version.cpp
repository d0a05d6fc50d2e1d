// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/threads.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/kernels/instruction_set.h"
#include "evenkeel/train/checkpoint.h"

namespace evenkeel::cli {
namespace {

#ifdef NDEBUG
constexpr const char kBuild[] = "release";
#else
constexpr const char kBuild[] = "debug";
#endif

}  // namespace

int run(const VersionArguments& arguments) {
  const NumericEnvironment here = numeric_environment(default_threads());
  if (arguments.json) {
    std::cout << nlohmann::ordered_json{{"event", "version"},
                                        {"version", here.version},
                                        {"onednn", here.onednn},
                                        {"instruction_set", here.instruction_set},
                                        {"instruction_sets", instruction_sets()},
                                        {"threads", here.threads},
                                        {"build", kBuild},
                                        {"compiler", __VERSION__}}
                     .dump()
              << "\n";
    return kDone;
  }
  std::cout << fmt::format(
      "evenkeel {}\n"
      "oneDNN           {}\n"
      "instruction set  {}, of {}\n"
      "threads          {}\n"
      "build            {}, compiler {}\n",
      here.version, here.onednn.empty() ? "none" : here.onednn, here.instruction_set,
      fmt::join(instruction_sets(), ", "), here.threads, kBuild, __VERSION__);
  return kDone;
}

}  // namespace evenkeel::cli
