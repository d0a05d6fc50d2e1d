// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/common.h"

#include <algorithm>
#include <iostream>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/data/registry.h"

namespace evenkeel::cli {

void notice(const std::string& text) { std::cerr << text << std::endl; }

void require_one_of(const std::string& flag, const std::string& given,
                    const std::vector<std::string>& known) {
  if (std::find(known.begin(), known.end(), given) != known.end()) return;
  std::string list;
  for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
  throw InvalidArgument(
      flag, "expected one of " + list + ", got '" + given + "'" + did_you_mean(given, known));
}

Machine machine_of(const std::optional<int>& threads, const std::optional<std::string>& kernels) {
  Machine machine;
  machine.threads = threads.value_or(default_threads());
  if (!kernels) return machine;
  require_one_of("--kernels", *kernels, {"auto", "native", "onednn", "reference"});
  machine.kernels = parse_kernel_preference(*kernels).value();
  if (machine.kernels == KernelPreference::onednn && onednn_kernels().empty()) {
    throw InvalidArgument("--kernels",
                          "expected auto, native or reference: this build is without oneDNN");
  }
  return machine;
}

Math math_of(const std::optional<std::string>& math) {
  if (!math) return Math::fast;
  require_one_of("--math", *math, {"strict", "fast"});
  return parse_math(*math).value();
}

PassOptions pass_options(const std::optional<std::string>& math) {
  return {{}, os::environment("EVENKEEL_DUMP").value_or(""), math_of(math)};
}

bool on_this_machine(const std::string& name, const std::filesystem::path& directory) {
  DatasetOptions options;
  options.directory = directory;
  for (const datasets::Listing& set : datasets::list(options))
    if (set.name == name) return !set.found_in.empty();
  return false;
}

Splits load_data(const std::string& name, const std::filesystem::path& directory) {
  DatasetOptions options;
  options.directory = directory;
  const auto known = datasets::list(options);
  const auto found =
      std::find_if(known.begin(), known.end(), [&](const datasets::Listing& listing) {
        return listing.name == name && !listing.found_in.empty();
      });
  const auto names = datasets::names();
  if (found != known.end() || std::find(names.begin(), names.end(), name) == names.end())
    return datasets::load(name, options);

  notice(name + " is not on this machine: downloading it");
  options.download = true;
  try {
    return datasets::load(name, options);
  } catch (const RuntimeFailure& failure) {
    notice(std::string("evenkeel: ") + failure.what());
  }
  options.download = false;
  return datasets::load(name, options);  // says where it was looked for
}

}  // namespace evenkeel::cli
