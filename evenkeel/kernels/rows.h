// SPDX-License-Identifier: Apache-2.0
// What kernels on rows of K classes share, of every backend, for float and double.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "evenkeel/base/dtype.h"

namespace evenkeel {

// z: [K]; the first of equals, and NaN is never larger.
template <typename T>
std::int64_t first_largest(const T* z, std::int64_t K) {
  std::int64_t best = 0;
  for (std::int64_t k = 1; k < K; ++k)
    if (z[k] > z[best]) best = k;
  return best;
}

// The targets of each row, from labels i32[N] or as they are from [N,K].
template <typename T>
class Targets {
 public:
  // `data` is of dtype i32, or of T.
  Targets(const void* data, DType dtype, std::int64_t K)
      : labels_(dtype == DType::i32 ? static_cast<const std::int32_t*>(data) : nullptr),
        targets_(dtype == DType::i32 ? nullptr : static_cast<const T*>(data)),
        classes_(K) {}

  // NaN where row n's label is none of the classes (of 0 and 1 where K = 1).
  double at(std::int64_t n, std::int64_t k) const {
    if (targets_ != nullptr) return static_cast<double>(targets_[n * classes_ + k]);
    const std::int64_t label = labels_[n];
    if (label < 0 || label >= (classes_ == 1 ? 2 : classes_))
      return std::numeric_limits<double>::quiet_NaN();
    if (classes_ == 1) return static_cast<double>(label);
    return label == k ? 1 : 0;
  }
  // The class that counts as right; -1 for a label outside.
  std::int64_t label(std::int64_t n) const {
    if (targets_ != nullptr) return first_largest(targets_ + n * classes_, classes_);
    return labels_[n] >= 0 && labels_[n] < classes_ ? labels_[n] : -1;
  }

 private:
  const std::int32_t* labels_;
  const T* targets_;
  std::int64_t classes_;
};

// Whether row n of z: [N,K] chooses the right class; with K = 1, whether z lies on the target's
// side of `threshold`.
template <typename T>
bool is_correct(const T* row, const Targets<T>& targets, std::int64_t n, std::int64_t K,
                double threshold) {
  if (K == 1) {
    const double target = targets.at(n, 0);
    return !std::isnan(target) && (row[0] > threshold) == (target > 0.5);
  }
  return first_largest(row, K) == targets.label(n);
}

}  // namespace evenkeel
