// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/parts.h"

#include "evenkeel/base/error.h"
#include "evenkeel/data/split.h"

namespace evenkeel::datasets {
namespace {

constexpr double kUsualShare = 0.1;

std::int64_t size_of(const std::string& part, const std::optional<double>& asked, bool is_there,
                     const Dataset& all) {
  if (!is_there) return part_size(part, asked.value_or(kUsualShare), all.size());
  if (asked)
    throw InvalidArgument(part, "expected no size of it: " + all.name() + " has " + part +
                                    " images of its own; leave it out");
  return 0;
}

}  // namespace

Splits divided(const Parts& parts, const DatasetOptions& options) {
  const Dataset& all = parts.train;
  const SplitSizes sizes = {
      size_of("validation", options.validation, parts.validation.has_value(), all),
      size_of("test", options.test, parts.test.has_value(), all)};
  if (sizes.validation == 0 && sizes.test == 0)
    return {all, parts.validation.value_or(all.subset(0, 0)),
            parts.test.value_or(all.subset(0, 0))};
  if (sizes.validation >= all.size() || sizes.test >= all.size() - sizes.validation) {
    if (!options.validation && !options.test)
      throw DataError(all.name(), "expected images enough to train, validate and test with, got " +
                                      std::to_string(all.size()));
    throw InvalidArgument(parts.test ? "validation" : "validation and test",
                          "expected to leave images to train on: " + all.name() + " has " +
                              std::to_string(all.size()) + " to divide, of which " +
                              std::to_string(sizes.validation) + " would validate and " +
                              std::to_string(sizes.test) +
                              " test; ask for less, or get more images");
  }
  const SplitIndices split =
      split_by_seed(all.labels(), all.classes(), sizes, options.split_seed, options.stratified);
  return {all.select(split.train),
          parts.validation ? *parts.validation : all.select(split.validation),
          parts.test ? *parts.test : all.select(split.test)};
}

}  // namespace evenkeel::datasets
