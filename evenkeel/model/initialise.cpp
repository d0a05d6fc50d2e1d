// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/initialise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "evenkeel/base/random.h"
#include "evenkeel/base/threads.h"

namespace evenkeel {
namespace {

struct Fans {
  double in;
  double out;
};

// Of a [in,out] or [R,S,C,K] kernel.
Fans fans_of(const Shape& shape) {
  double receptive = 1;
  for (std::size_t axis = 0; axis + 2 < shape.rank(); ++axis)
    receptive *= static_cast<double>(shape[axis]);
  const auto in = static_cast<double>(shape.rank() > 1 ? shape[shape.rank() - 2] : 1);
  const auto out = static_cast<double>(shape.rank() > 0 ? shape.back() : 1);
  return {receptive * in, receptive * out};
}

double variance_of(Initializer initializer, const Fans& fans) {
  switch (initializer) {
    case Initializer::glorot_uniform:
    case Initializer::glorot_normal:
      return 2 / (fans.in + fans.out);
    case Initializer::he_uniform:
    case Initializer::he_normal:
      return 2 / fans.in;
    default:
      return 1 / fans.in;
  }
}

bool is_normal(Initializer initializer) {
  return initializer == Initializer::glorot_normal || initializer == Initializer::he_normal ||
         initializer == Initializer::lecun_normal || initializer == Initializer::truncated_normal;
}

// The values of a state with `count` of them: each a function of its index alone.
class Values {
 public:
  Values(const State& state, const Random& random, std::uint64_t count)
      : state_(state), random_(random), count_(count) {
    if (state.initializer == Initializer::truncated_normal) spread_ = state.value;
    if (!by_fans(state.initializer)) return;
    const double variance = variance_of(state.initializer, fans_of(state.type.shape));
    // What is cut off at two deviations has this fraction of the deviation left.
    constexpr double kDeviationLeft = 0.87962566103423978;
    spread_ = is_normal(state.initializer) ? std::sqrt(variance) / kDeviationLeft
                                           : std::sqrt(3 * variance);
  }

  // The values from `first` on.
  void take(std::uint64_t first, std::span<double> values) const {
    if (is_normal(state_.initializer)) {
      for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = spread_ * truncated_normal(first + i);
    } else if (by_fans(state_.initializer)) {
      random_.uniforms(first, values);
      for (double& value : values) value = spread_ * (2.0 * value - 1.0);
    } else {
      const bool constant = state_.initializer == Initializer::constant;
      const double one = state_.initializer == Initializer::ones ? 1 : 0;
      std::fill(values.begin(), values.end(), constant ? state_.value : one);
    }
  }

 private:
  // Draws again what is beyond two deviations (1 in 22), from numbers that no other element uses.
  double truncated_normal(std::uint64_t i) const {
    constexpr std::uint64_t kMostDraws = 64;
    for (std::uint64_t draw = 0; draw < kMostDraws; ++draw) {
      const double value = random_.normal(i + draw * count_);
      if (std::abs(value) <= 2) return value;
    }
    return 0;
  }

  const State& state_;
  const Random& random_;
  std::uint64_t count_;
  double spread_ = 0;
};

template <typename T>
void fill(const State& state, const Random& random, std::span<std::byte> bytes) {
  constexpr std::size_t kBlock = 1024;
  const std::size_t count = bytes.size() / sizeof(T);
  const Values values(state, random, count);
  const auto fill_blocks = [&](int, std::int64_t begin, std::int64_t end) {
    std::array<double, kBlock> drawn;
    std::array<T, kBlock> rounded;
    for (std::size_t at = static_cast<std::size_t>(begin) * kBlock;
         at < std::min(static_cast<std::size_t>(end) * kBlock, count); at += kBlock) {
      const std::size_t n = std::min(kBlock, count - at);
      values.take(at, std::span(drawn).first(n));
      for (std::size_t i = 0; i < n; ++i) rounded[i] = static_cast<T>(drawn[i]);
      std::memcpy(bytes.data() + at * sizeof(T), rounded.data(), n * sizeof(T));
    }
  };
  run_lanes(default_threads(), static_cast<std::int64_t>((count + kBlock - 1) / kBlock),
            fill_blocks);
}

}  // namespace

void initialise(const State& state, std::string_view name, std::uint64_t seed,
                std::span<std::byte> bytes) {
  const Random random(seed, Purpose::initialise, hash_name(name.data(), name.data() + name.size()));
  switch (state.type.dtype) {
    case DType::f32:
      return fill<float>(state, random, bytes);
    case DType::f64:
      return fill<double>(state, random, bytes);
    case DType::i64:
      return fill<std::int64_t>(state, random, bytes);
    case DType::i32:
      return fill<std::int32_t>(state, random, bytes);
    default:
      throw InvalidArgument(std::string(name),
                            "expected state of dtype f32, f64, i32 or i64, got " +
                                std::string(to_string(state.type.dtype)));
  }
}

}  // namespace evenkeel
