// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/common.h"

#include <algorithm>
#include <iostream>
#include <system_error>

#include "evenkeel/base/error.h"
#include "evenkeel/base/os.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/base/threads.h"
#include "evenkeel/data/registry.h"

namespace evenkeel::cli {

void notice(const std::string& text) { std::cerr << text << std::endl; }

namespace {

// As much as fits a terminal; Splits::skipped has all.
Splits with_skipped_told(Splits splits) {
  constexpr std::size_t kMost = 5;
  if (splits.skipped.empty()) return splits;
  std::string list;
  for (std::size_t i = 0; i < std::min(kMost, splits.skipped.size()); ++i)
    list += (i == 0 ? "" : ", ") + splits.skipped[i].string();
  const bool one = splits.skipped.size() == 1;
  notice(std::to_string(splits.skipped.size()) + (one ? " file of " : " files of ") +
         splits.train.name() + (one ? " was skipped: " : " were skipped: ") + list +
         (splits.skipped.size() > kMost ? ", ..." : "") + "; 'evenkeel data verify' says why");
  return splits;
}

}  // namespace

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

Weights weights_of(const std::optional<std::string>& weights) {
  if (!weights) return Weights::f32;
  require_one_of("--weights", *weights, {"f32", "bf16"});
  return parse_weights(*weights).value();
}

PassOptions pass_options(const std::optional<std::string>& math) {
  return {{}, os::environment("EVENKEEL_DUMP").value_or(""), math_of(math)};
}

bool on_this_machine(const std::string& name, const std::filesystem::path& directory) {
  DatasetOptions options;
  options.directory = directory;
  for (const datasets::Listing& set : datasets::list(options))
    if (set.name == name) return !set.found_in.empty();
  std::error_code error;
  return std::filesystem::exists(name, error);
}

Splits load_data(const std::string& name, const std::filesystem::path& directory) {
  DatasetOptions options;
  options.directory = directory;
  return load_data(name, options);
}

Splits load_data(const std::string& name, DatasetOptions options) {
  const auto known = datasets::list(options);
  const auto to_get = std::find_if(known.begin(), known.end(), [&](const auto& listing) {
    return listing.name == name && listing.found_in.empty() && listing.downloads;
  });
  if (to_get == known.end()) return with_skipped_told(datasets::load(name, options));

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

std::string data_key(const std::string& name, const Recipe& recipe) {
  Recipe parts;
  parts.data = name;
  parts.validation = recipe.validation;
  parts.test = recipe.test;
  parts.split_seed = recipe.split_seed;
  parts.stratified = recipe.stratified;
  parts.skip_bad = recipe.skip_bad;
  return to_toml(parts);
}

}  // namespace evenkeel::cli
