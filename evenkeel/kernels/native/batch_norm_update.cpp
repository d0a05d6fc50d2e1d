// SPDX-License-Identifier: Apache-2.0
// What batch norm does once a channel and step: merging moments, moving statistics.
#include "evenkeel/kernels/moving.h"
#include "evenkeel/kernels/native/entries.h"
#include "evenkeel/kernels/native/lane_kernel.h"

namespace evenkeel::native {
namespace {

// (count, mean, M2: f64[C]) twice -> the same of the union.
struct MergeMomentsKernel : ChannelKernel {
  using Op = MergeMoments;
  static constexpr std::string_view name = "native/merge_moments";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}, InPlace{2, 2},
                                          InPlace{3, 0}, InPlace{4, 1}, InPlace{5, 2}};
  static bool accepts(const Call& call) { return all_inputs_f64(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    for (std::size_t c = channels.begin; c < channels.end; ++c) {
      const double na = in<double>(args, 0)[c];
      const double nb = in<double>(args, 3)[c];
      // An empty side may hold anything.
      const double mean_a = na > 0 ? in<double>(args, 1)[c] : in<double>(args, 4)[c];
      const double mean_b = nb > 0 ? in<double>(args, 4)[c] : in<double>(args, 1)[c];
      const double M2_a = na > 0 ? in<double>(args, 2)[c] : 0;
      const double M2_b = nb > 0 ? in<double>(args, 5)[c] : 0;
      const double shift = mean_b - mean_a;
      const double share = na + nb > 0 ? nb / (na + nb) : 0;
      out<double>(args, 0)[c] = na + nb;
      out<double>(args, 1)[c] = mean_a + shift * share;
      out<double>(args, 2)[c] = M2_a + M2_b + shift * shift * na * share;
    }
  }
};

// count, mean, M2: f64[N,C] -> the same of all samples, [C].
struct MergeSampleMomentsKernel : ChannelKernel {
  using Op = MergeSampleMoments;
  static constexpr std::string_view name = "native/merge_sample_moments";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) { return all_inputs_f64(call); }
  using ChannelKernel::ChannelKernel;
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    for (std::size_t c = channels.begin; c < channels.end; ++c) {
      double count = 0;
      double mean = 0;
      double M2 = 0;
      for (std::size_t i = c; i < channels.rows * channels.all; i += channels.all) {
        const double n = in<double>(args, 0)[i];
        if (n == 0) continue;  // an empty sample may hold anything
        const double shift = in<double>(args, 1)[i] - mean;
        const double share = n / (count + n);
        M2 += in<double>(args, 2)[i] + (count > 0 ? shift * shift * count * share : 0);
        mean += shift * share;
        count += n;
      }
      out<double>(args, 0)[c] = count;
      out<double>(args, 1)[c] = mean;
      out<double>(args, 2)[c] = M2;
    }
  }
};

// moving_mean, moving_variance: [C], updates_seen: i64[], count, mean, M2: f64[C] or f64[N,C].
struct UpdateMovingKernel : ChannelKernel {
  using Op = UpdateMoving;
  static constexpr std::string_view name = "native/update_moving";
  static constexpr std::array in_place = {InPlace{0, 0}, InPlace{1, 1}};
  static bool accepts(const Call& call) {
    return is_dense(call.inputs[0], DType::f32) && is_dense(call.inputs[1], DType::f32) &&
           is_dense(call.inputs[2], DType::i64) && is_dense(call.inputs[3], DType::f64) &&
           is_dense(call.inputs[4], DType::f64) && is_dense(call.inputs[5], DType::f64);
  }
  explicit UpdateMovingKernel(const Call& call)
      : ChannelKernel(call),
        op(std::get<UpdateMoving>(call.op)),
        groups(op.group > 0 ? call.inputs[3].shape[0] : 1, std::max<std::int64_t>(op.group, 1),
               op.grouping) {}
  void run(const Args& args, Range range) const {
    const double seen = static_cast<double>(*in<std::int64_t>(args, 2) * groups.count);
    const Channels channels = this->channels(range);
    for (std::size_t c = channels.begin; c < channels.end; ++c) {
      double mean = in<float>(args, 0)[c];
      double variance = in<float>(args, 1)[c];
      for (std::int64_t g = 0; g < groups.count; ++g) {
        const std::size_t at = static_cast<std::size_t>(groups.first(g)) * channels.all + c;
        const double keep = kept(op, seen + static_cast<double>(g));
        mean = keep * mean + (1 - keep) * in<double>(args, 4)[at];
        variance = keep * variance + (1 - keep) * variance_of(op.variance, in<double>(args, 3)[at],
                                                              in<double>(args, 5)[at]);
      }
      out<float>(args, 0)[c] = static_cast<float>(mean);
      out<float>(args, 1)[c] = static_cast<float>(variance);
    }
  }
  UpdateMoving op;
  Groups groups;
};

// count, mean, M2: [C] -> M2 / count, or the sample's. By channels like the moments, which it would
// part from what normalises by them otherwise.
struct ChannelVarianceKernel : ChannelKernel {
  using Op = ChannelVariance;
  static constexpr std::string_view name = "native/channel_variance";
  static constexpr auto in_place = kNeverInPlace;
  static bool accepts(const Call& call) {
    return call.inputs[0].shape.rank() == 1 && all_inputs_f64(call) &&
           is_dense(call.outputs[0], DType::f32);
  }
  explicit ChannelVarianceKernel(const Call& call)
      : ChannelKernel(call), variance(std::get<ChannelVariance>(call.op).variance) {}
  void run(const Args& args, Range range) const {
    const Channels channels = this->channels(range);
    for (std::size_t c = channels.begin; c < channels.end; ++c)
      out<float>(args, 0)[c] =
          static_cast<float>(variance_of(variance, in<double>(args, 0)[c], in<double>(args, 2)[c]));
  }
  MovingVariance variance;
};

}  // namespace

KernelEntry merge_moments() { return entry_of<MergeMomentsKernel>(); }
KernelEntry merge_sample_moments() { return entry_of<MergeSampleMomentsKernel>(); }
KernelEntry update_moving() { return entry_of<UpdateMovingKernel>(); }
KernelEntry channel_variance() { return entry_of<ChannelVarianceKernel>(); }

}  // namespace evenkeel::native
