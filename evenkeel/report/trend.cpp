// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/report/trend.h"

namespace evenkeel {
namespace {

constexpr std::size_t kMostMeans = 64;

}  // namespace

void Trend::add(double value) {
  if (sums_.empty() || in_last_ == each_) {
    if (sums_.size() == kMostMeans) {
      for (std::size_t i = 0; i < kMostMeans / 2; ++i) sums_[i] = sums_[2 * i] + sums_[2 * i + 1];
      sums_.resize(kMostMeans / 2);
      each_ *= 2;
    }
    sums_.push_back(0);
    in_last_ = 0;
  }
  sums_.back() += value;
  ++in_last_;
}

std::vector<double> Trend::means() const {
  std::vector<double> means = sums_;
  for (double& mean : means) mean /= static_cast<double>(each_);
  if (!means.empty()) means.back() = sums_.back() / static_cast<double>(in_last_);
  return means;
}

}  // namespace evenkeel
