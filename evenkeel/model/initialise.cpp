#include "evenkeel/model/initialise.h"

#include <cmath>
#include <cstring>

#include "evenkeel/base/random.h"

namespace evenkeel {
namespace {

// sqrt(6 / (fan_in + fan_out)) of a [in,out] or [R,S,C,K] kernel.
double glorot_limit(const Shape& shape) {
  double receptive = 1;
  for (std::size_t axis = 0; axis + 2 < shape.rank(); ++axis)
    receptive *= static_cast<double>(shape[axis]);
  const auto in = static_cast<double>(shape.rank() > 1 ? shape[shape.rank() - 2] : 1);
  const auto out = static_cast<double>(shape.rank() > 0 ? shape.back() : 1);
  return std::sqrt(6.0 / (receptive * (in + out)));
}

template <typename T>
void fill(const State& state, const Random& random, std::span<std::byte> bytes) {
  const double limit = glorot_limit(state.type.shape);
  const std::size_t count = bytes.size() / sizeof(T);
  for (std::size_t i = 0; i < count; ++i) {
    double value = 0;
    if (state.initializer == Initializer::ones) value = 1;
    if (state.initializer == Initializer::constant) value = state.value;
    if (state.initializer == Initializer::glorot_uniform)
      value = limit * (2.0 * random.uniform(i) - 1.0);
    const T element = static_cast<T>(value);
    std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
  }
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
