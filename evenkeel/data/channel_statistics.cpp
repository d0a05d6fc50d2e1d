// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/data/channel_statistics.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

using Counts = std::array<std::int64_t, 256>;  // of each value of a pixel

std::vector<Counts> counts(const Dataset& data) {
  const auto C = static_cast<std::size_t>(data.image_shape().back());
  std::vector<Counts> result(C, Counts{});
  for (std::int64_t index = 0; index < data.size(); ++index) {
    const auto pixels = data.image(index);
    for (std::size_t i = 0; i < pixels.size(); i += C)
      for (std::size_t c = 0; c < C; ++c) ++result[c][pixels[i + c]];
  }
  return result;
}

}  // namespace

ChannelStatistics channel_statistics(const Dataset& data, double factor) {
  if (data.size() == 0)
    throw InvalidArgument(data.name(), "expected images to take means and deviations of, got none");
  const double pixels = static_cast<double>(data.size()) *
                        static_cast<double>(data.image_shape()[0] * data.image_shape()[1]);
  ChannelStatistics result;
  for (const Counts& of_channel : counts(data)) {
    double sum = 0;
    for (std::size_t value = 0; value < of_channel.size(); ++value)
      sum += static_cast<double>(value) * static_cast<double>(of_channel[value]);
    const double mean = sum / pixels;
    double squares = 0;
    for (std::size_t value = 0; value < of_channel.size(); ++value) {
      const double distance = static_cast<double>(value) - mean;
      squares += distance * distance * static_cast<double>(of_channel[value]);
    }
    result.mean.push_back(factor * mean);
    result.deviation.push_back(std::abs(factor) * std::sqrt(squares / pixels));
  }
  return result;
}

ImageInput normalised(const ImageInput& input, const Dataset& training) {
  const Shape expected = {input.height, input.width, input.channels};
  if (training.size() > 0 && training.image_shape() != expected)
    throw InvalidArgument(training.name(), "expected images " + to_string(expected) + ", got " +
                                               to_string(training.image_shape()));
  ChannelStatistics statistics = channel_statistics(training, input.factor);
  for (double& deviation : statistics.deviation)
    if (deviation == 0) deviation = 1;
  return input.normalise(statistics.mean, statistics.deviation);
}

}  // namespace evenkeel
