// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/train/epoch_means.h"

#include <fmt/format.h>

#include <limits>
#include <locale>
#include <sstream>

namespace evenkeel {
namespace {

constexpr const char kNote[] = "epoch_so_far";  // "step loss correct images batches"

}  // namespace

void EpochMeans::resume(const std::map<std::string, std::string>& notes, std::int64_t step) {
  *this = {};
  const auto note = notes.find(kNote);
  if (note == notes.end()) return;
  std::istringstream text(note->second);
  text.imbue(std::locale::classic());
  std::int64_t noted = 0;
  EpochMeans means;
  text >> noted >> means.loss_ >> means.correct_ >> means.images_ >> means.batches_;
  if (text && noted == step) *this = means;
}

void EpochMeans::add(const BatchEvent& event, std::map<std::string, std::string>& notes) {
  if (event.batch == 1) *this = {};
  loss_ += event.loss;
  correct_ += event.correct;
  images_ += event.batch_size;
  ++batches_;
  notes[kNote] = fmt::format("{} {} {} {} {}", event.step, loss_, correct_, images_, batches_);
}

double EpochMeans::loss() const {
  return batches_ > 0 ? loss_ / static_cast<double>(batches_)
                      : std::numeric_limits<double>::quiet_NaN();
}

double EpochMeans::accuracy() const {
  return images_ > 0 ? static_cast<double>(correct_) / static_cast<double>(images_)
                     : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace evenkeel
