// SPDX-License-Identifier: Apache-2.0
#include "tests/support/finite.h"

#include <cmath>

#include "tests/support/compare.h"

namespace evenkeel::test {

testing::AssertionResult finite(const Tensor& tensor) {
  const std::vector<double> values = to_doubles(tensor);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      return testing::AssertionFailure()
             << values[i] << " at element " << i << " of " << to_string(tensor.shape);
  return testing::AssertionSuccess();
}

}  // namespace evenkeel::test
