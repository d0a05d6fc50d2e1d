// SPDX-License-Identifier: Apache-2.0
// Groups of samples that share statistics: [N,C], a block of channels at a time.
#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

constexpr std::size_t kWidth = static_cast<std::size_t>(kChannelBlock);

// Calls f(first element, channels) for each group and block of channels of [N,C].
template <typename F>
void for_each_group(const Groups& groups, const Channels& channels, F f) {
  for (std::int64_t g = 0; g < groups.count; ++g)
    for (std::size_t c = channels.begin; c < channels.end; c += kWidth)
      f(static_cast<std::size_t>(groups.first(g)) * channels.all + c,
        std::min(kWidth, channels.end - c));
}

// count, mean, M2: f64[N,C] -> for each sample those of its group.
struct GroupMomentsKernel : ChannelKernel {
  using Op = GroupMoments;
  static constexpr std::string_view name = "native/group_moments";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_inputs_f64(call); }
  explicit GroupMomentsKernel(const Call& call)
      : ChannelKernel(call),
        groups(call.inputs[0].shape[0], std::get<Op>(call.op).size,
               std::get<Op>(call.op).grouping) {}
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    const auto size = static_cast<std::size_t>(groups.size);
    const std::size_t step = static_cast<std::size_t>(groups.step) * channels.all;
    for_each_group(groups, channels, [&](std::size_t first, std::size_t width) {
      double count[kWidth] = {};
      double mean[kWidth] = {};
      double M2[kWidth] = {};
      for (std::size_t k = 0; k < size; ++k)
        for (std::size_t c = 0; c < width; ++c) {
          const std::size_t i = first + k * step + c;
          const double n = in<double>(args, 0)[i];
          if (n == 0) continue;  // an empty sample may hold anything
          const double shift = in<double>(args, 1)[i] - mean[c];
          const double share = n / (count[c] + n);
          M2[c] += in<double>(args, 2)[i] + shift * shift * count[c] * share;
          mean[c] += shift * share;
          count[c] += n;
        }
      for (std::size_t k = 0; k < size; ++k)
        for (std::size_t c = 0; c < width; ++c) {
          const std::size_t i = first + k * step + c;
          out<double>(args, 0)[i] = count[c];
          out<double>(args, 1)[i] = mean[c];
          out<double>(args, 2)[i] = M2[c];
        }
    });
  }
  Groups groups;
};

// [N,C] -> for each sample the sum over its group.
struct GroupSumsKernel : ChannelKernel {
  using Op = GroupSums;
  static constexpr std::string_view name = "native/group_sums";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_f32(call); }
  explicit GroupSumsKernel(const Call& call)
      : ChannelKernel(call),
        groups(call.inputs[0].shape[0], std::get<Op>(call.op).size,
               std::get<Op>(call.op).grouping) {}
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    const auto size = static_cast<std::size_t>(groups.size);
    const std::size_t step = static_cast<std::size_t>(groups.step) * channels.all;
    for_each_group(groups, channels, [&](std::size_t first, std::size_t width) {
      double sum[kWidth] = {};
      for (std::size_t k = 0; k < size; ++k)
        for (std::size_t c = 0; c < width; ++c) sum[c] += in<float>(args, 0)[first + k * step + c];
      for (std::size_t k = 0; k < size; ++k)
        for (std::size_t c = 0; c < width; ++c)
          out<float>(args, 0)[first + k * step + c] = static_cast<float>(sum[c]);
    });
  }
  Groups groups;
};

// count, mean, M2: f64[N,C] -> their means over the samples, [C].
struct MeanMomentsKernel : ChannelKernel {
  using Op = MeanMoments;
  static constexpr std::string_view name = "native/mean_moments";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_inputs_f64(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    const auto all = static_cast<double>(channels.rows);
    for (std::size_t c = channels.begin; c < channels.end; ++c) {
      double count = 0;
      double mean = 0;
      double M2 = 0;
      for (std::size_t i = c; i < channels.rows * channels.all; i += channels.all) {
        count += in<double>(args, 0)[i];
        mean += in<double>(args, 1)[i];
        M2 += in<double>(args, 2)[i];
      }
      out<double>(args, 0)[c] = count / all;
      out<double>(args, 1)[c] = mean / all;
      out<double>(args, 2)[c] = M2 / all;
    }
  }
};

}  // namespace

KernelEntry group_moments() { return entry_of<GroupMomentsKernel>(); }
KernelEntry group_sums() { return entry_of<GroupSumsKernel>(); }
KernelEntry mean_moments() { return entry_of<MeanMomentsKernel>(); }

}  // namespace evenkeel::native
