// SPDX-License-Identifier: Apache-2.0
// Compiled for the same Highway targets as native/, whose list HWY_TARGETS is.
#include "evenkeel/kernels/instruction_set.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "hwy/highway.h"

namespace evenkeel {
namespace {

struct Target {
  std::string_view name;
  std::int64_t bits;  // Highway's
};

constexpr std::int64_t kSve2 = HWY_SVE2 | HWY_SVE2_128;
constexpr std::int64_t kSve = HWY_SVE | HWY_SVE_256;
// Best first. What runs everywhere has another bit with every compiler: all that are left.
constexpr std::array<Target, 6> kTargets = {
    {{"avx512", HWY_AVX3},
     {"avx2", HWY_AVX2},
     {"sve2", kSve2},
     {"sve", kSve},
     {"neon", HWY_NEON},
     {"portable", ~(HWY_AVX3 | HWY_AVX2 | kSve2 | kSve | HWY_NEON)}}};

std::int64_t compiled_and_supported() {
  return (hwy::SupportedTargets() & HWY_TARGETS) | HWY_STATIC_TARGET;
}

// As it was before anything was chosen.
std::int64_t usable_targets() {
  static const std::int64_t usable = compiled_and_supported();
  return usable;
}

void set_targets(std::int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  hwy::GetChosenTarget().Update(targets);
}

std::vector<Target> targets() {
  std::vector<Target> result;
  const std::int64_t usable = usable_targets();
  std::copy_if(kTargets.begin(), kTargets.end(), std::back_inserter(result),
               [=](const Target& target) { return (target.bits & usable) != 0; });
  return result;
}

Target target_named(const std::string& name) {
  std::vector<std::string> known = {"auto"};
  for (const Target& target : targets()) {
    if (target.name == name) return target;
    known.emplace_back(target.name);
  }
  std::string list;
  for (const std::string& each : known) list += (list.empty() ? "" : ", ") + each;
  throw InvalidArgument("instruction set",
                        "expected one that this processor has and the library was built for (" +
                            list + "), got '" + name + "'" + did_you_mean(name, known));
}

}  // namespace

std::vector<std::string> instruction_sets() {
  std::vector<std::string> names;
  for (const Target& target : targets()) names.emplace_back(target.name);
  return names;
}

std::string instruction_set() {
  usable_targets();
  const std::int64_t chosen = compiled_and_supported();
  for (const Target& target : kTargets)
    if ((target.bits & chosen) != 0) return std::string(target.name);
  return "portable";
}

void use_native_instruction_set(const std::string& name) {
  const std::int64_t usable = usable_targets();
  set_targets(name == "auto" ? usable : target_named(name).bits & usable);
}

void use_instruction_set(const std::string& name) {
  if (name == "auto") return;
  target_named(name);  // before oneDNN hears of it
  limit_onednn(name);
  use_native_instruction_set(name);
}

}  // namespace evenkeel
