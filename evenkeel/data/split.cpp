// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/split.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "evenkeel/base/error.h"
#include "evenkeel/base/random.h"

namespace evenkeel::datasets {
namespace {

constexpr std::size_t kParts = 3;  // test, validation, train
using ClassCounts = std::array<std::int64_t, kParts>;

// How many images of each class go to each part. The exact shares n_c * size / n are a table whose
// rows and columns have whole sums; such a table can always be rounded up or down cell by cell with
// the sums kept (it is a flow with whole capacities).
class Apportionment {
 public:
  Apportionment(const std::vector<std::int64_t>& class_sizes, const ClassCounts& part_sizes,
                std::int64_t images)
      : counts_(class_sizes.size()), rest_(class_sizes.size()), up_(class_sizes.size()) {
    missing_ = part_sizes;
    for (std::size_t c = 0; c < class_sizes.size(); ++c) {
      for (std::size_t part = 0; part < kParts; ++part) {
        const std::int64_t share = class_sizes[c] * part_sizes[part];
        counts_[c][part] = share / images;
        rest_[c][part] = share % images;
        missing_[part] -= counts_[c][part];
      }
    }
    for (std::size_t c = 0; c < class_sizes.size(); ++c) round_up_largest(c, class_sizes[c]);
    while (move_one()) {
    }
  }

  const std::vector<ClassCounts>& counts() const { return counts_; }

 private:
  // The images that a class is short of go where its shares were cut by most.
  void round_up_largest(std::size_t c, std::int64_t size) {
    std::array<std::size_t, kParts> order = {0, 1, 2};
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return rest_[c][a] > rest_[c][b]; });
    std::int64_t left = size - counts_[c][0] - counts_[c][1] - counts_[c][2];
    for (const std::size_t part : order) {
      if (left == 0) break;
      --left;
      set_up(c, part, true);
    }
  }
  void set_up(std::size_t c, std::size_t part, bool up) {
    up_[c][part] = up;
    counts_[c][part] += up ? 1 : -1;
    missing_[part] += up ? -1 : 1;
  }
  // A class that rounds up `from` and could round up `to` instead.
  std::optional<std::size_t> movable(std::size_t from, std::size_t to) const {
    for (std::size_t c = 0; c < counts_.size(); ++c)
      if (up_[c][from] && !up_[c][to] && rest_[c][to] > 0) return c;
    return std::nullopt;
  }
  void move(std::size_t c, std::size_t from, std::size_t to) {
    set_up(c, from, false);
    set_up(c, to, true);
  }
  // One image from a part that has too many to one that has too few, by way of the third where no
  // class allows it at once.
  bool move_one() {
    for (std::size_t from = 0; from < kParts; ++from) {
      for (std::size_t to = 0; to < kParts; ++to) {
        if (missing_[from] >= 0 || missing_[to] <= 0) continue;
        if (const auto c = movable(from, to)) {
          move(*c, from, to);
          return true;
        }
        const std::size_t third = kParts - from - to;
        const auto first = movable(from, third);
        const auto second = movable(third, to);
        if (!first || !second) continue;
        move(*second, third, to);
        move(*first, from, third);
        return true;
      }
    }
    return false;
  }

  std::vector<ClassCounts> counts_;
  std::vector<ClassCounts> rest_;             // what rounding down cut off, of `images`
  std::vector<std::array<bool, kParts>> up_;  // rounded up
  ClassCounts missing_{};                     // images that each part is short of
};

// In a random order of their own for every group; another purpose's stream of this name is no
// pass over the data, whose streams are small numbers.
void shuffle(std::vector<std::uint32_t>& images, std::uint64_t seed, std::uint64_t group) {
  constexpr std::string_view kName = "split";
  const Random random(seed, Purpose::shuffle,
                      hash_name(kName.data(), kName.data() + kName.size()) + group);
  for (std::size_t i = images.size(); i > 1; --i)
    std::swap(images[i - 1], images[random.below(i - 1, i)]);
}

void deal(const std::vector<std::uint32_t>& images, const ClassCounts& counts,
          SplitIndices& split) {
  auto at = images.begin();
  const auto take = [&](std::int64_t count, std::vector<std::uint32_t>& part) {
    part.insert(part.end(), at, at + count);
    at += count;
  };
  take(counts[0], split.test);
  take(counts[1], split.validation);
  take(counts[2], split.train);
}

}  // namespace

std::int64_t part_size(const std::string& field, double asked, std::int64_t images) {
  const bool whole = asked < 1 || asked == std::floor(asked);
  if (!(asked >= 0 && asked <= std::numeric_limits<std::int32_t>::max()) || !whole)
    throw InvalidArgument(field, "expected a share below 1, a whole number of images, or 0, got " +
                                     std::to_string(asked));
  if (asked == 0 || asked >= 1) return static_cast<std::int64_t>(asked);
  return std::max<std::int64_t>(1, std::llround(asked * static_cast<double>(images)));
}

SplitIndices split_by_seed(std::span<const std::int32_t> labels, std::int64_t classes,
                           const SplitSizes& sizes, std::uint64_t seed, bool stratified) {
  const std::int64_t images = std::ssize(labels);
  const auto [validation, test] = sizes;
  if (validation < 0 || test < 0 || validation >= images || test >= images - validation)
    throw InvalidArgument("split", "expected parts that leave images to train on, got " +
                                       std::to_string(validation) + " to validate and " +
                                       std::to_string(test) + " to test of " +
                                       std::to_string(images));
  std::vector<std::vector<std::uint32_t>> groups(stratified ? static_cast<std::size_t>(classes)
                                                            : std::size_t{1});
  for (std::size_t i = 0; i < labels.size(); ++i)
    groups[stratified ? static_cast<std::size_t>(labels[i]) : 0].push_back(
        static_cast<std::uint32_t>(i));
  std::vector<std::int64_t> group_sizes;
  group_sizes.reserve(groups.size());
  for (const auto& group : groups) group_sizes.push_back(std::ssize(group));
  const Apportionment apportionment(group_sizes, {test, validation, images - validation - test},
                                    images);
  SplitIndices split;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    shuffle(groups[g], seed, g);
    deal(groups[g], apportionment.counts()[g], split);
  }
  for (auto* part : {&split.train, &split.validation, &split.test})
    std::sort(part->begin(), part->end());
  return split;
}

}  // namespace evenkeel::datasets
