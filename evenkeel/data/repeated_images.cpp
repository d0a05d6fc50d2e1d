// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/repeated_images.h"

#include <algorithm>
#include <utility>

#include "evenkeel/data/content_digest.h"

namespace evenkeel::datasets {

std::vector<Repeat> repeated_images(std::span<const Dataset* const> sets) {
  std::vector<std::uint64_t> starts;  // the number of each set's first image
  std::vector<std::pair<std::uint64_t, std::uint64_t>> digests;  // and the image's number
  for (const Dataset* set : sets) {
    starts.push_back(digests.size());
    for (std::int64_t i = 0; i < set->size(); ++i)
      digests.emplace_back(content_digest(std::as_bytes(set->image(i))), digests.size());
  }
  std::sort(digests.begin(), digests.end());

  const auto place_of = [&](std::uint64_t number) {
    const auto behind = std::upper_bound(starts.begin(), starts.end(), number);
    const auto set = static_cast<std::size_t>(behind - starts.begin() - 1);
    return Place{set, static_cast<std::int64_t>(number - starts[set])};
  };
  const auto image = [&](const Place& place) { return sets[place.set]->image(place.index); };
  std::vector<Repeat> repeats;
  for (std::size_t begin = 0; begin < digests.size();) {
    std::vector<Place> different;  // images of this digest: more than one where it fails
    std::size_t end = begin;
    for (; end < digests.size() && digests[end].first == digests[begin].first; ++end) {
      const Place place = place_of(digests[end].second);
      const auto pixels = image(place);
      const auto same = std::find_if(different.begin(), different.end(), [&](const Place& other) {
        return std::equal(pixels.begin(), pixels.end(), image(other).begin());
      });
      if (same == different.end())
        different.push_back(place);
      else
        repeats.push_back({*same, place});
    }
    begin = end;
  }
  std::sort(repeats.begin(), repeats.end(),
            [](const Repeat& a, const Repeat& b) { return a.again < b.again; });
  return repeats;
}

}  // namespace evenkeel::datasets
