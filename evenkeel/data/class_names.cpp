// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/class_names.h"

#include <array>

namespace evenkeel::datasets {
namespace {

constexpr std::array<std::string_view, 10> kFashionMnist = {
    "t-shirt", "trouser", "pullover", "dress", "coat",
    "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};

}  // namespace

std::span<const std::string_view> class_names(std::string_view data_set) {
  if (data_set == "fashion-mnist") return kFashionMnist;
  return {};
}

}  // namespace evenkeel::datasets
