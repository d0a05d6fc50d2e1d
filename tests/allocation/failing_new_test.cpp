// SPDX-License-Identifier: Apache-2.0
// Memory that runs out anywhere in a training set-up: each operator new fails in turn, and what
// comes of it is an exception, never a crash and never a damaged file. A program of its own,
// because it replaces operator new. oneDNN's allocations are not ours, so it is left out.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <new>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/gradient_check.h"
#include "tests/support/idx_files.h"

namespace {

// How many more allocations succeed; below 0: all.
std::atomic<std::int64_t> left = -1;

// Not inlined: GCC would take the pair below for mismatched.
[[gnu::noinline]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (left.load() >= 0 && left.fetch_sub(1) == 0) {
    left = -1;  // what cleans up afterwards has memory again
    return nullptr;
  }
  const std::size_t size =
      (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, size);
}
[[gnu::noinline]] void release(void* memory) noexcept { std::free(memory); }

void* allocate_or_throw(std::size_t bytes, std::size_t alignment) {
  if (void* const memory = allocate(bytes, alignment)) return memory;
  throw std::bad_alloc();
}

constexpr std::size_t kUsual = alignof(std::max_align_t);

}  // namespace

using Alignment = std::align_val_t;
using NoThrow = std::nothrow_t;
void* operator new(std::size_t n) { return allocate_or_throw(n, kUsual); }
void* operator new[](std::size_t n) { return allocate_or_throw(n, kUsual); }
void* operator new(std::size_t n, const NoThrow&) noexcept { return allocate(n, kUsual); }
void* operator new[](std::size_t n, const NoThrow&) noexcept { return allocate(n, kUsual); }
void* operator new(std::size_t n, Alignment a) {
  return allocate_or_throw(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, Alignment a) {
  return allocate_or_throw(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { release(p); }
void operator delete[](void* p) noexcept { release(p); }
void operator delete(void* p, std::size_t) noexcept { release(p); }
void operator delete[](void* p, std::size_t) noexcept { release(p); }
void operator delete(void* p, const NoThrow&) noexcept { release(p); }
void operator delete[](void* p, const NoThrow&) noexcept { release(p); }
void operator delete(void* p, Alignment) noexcept { release(p); }
void operator delete[](void* p, Alignment) noexcept { release(p); }
void operator delete(void* p, std::size_t, Alignment) noexcept { release(p); }
void operator delete[](void* p, std::size_t, Alignment) noexcept { release(p); }

namespace evenkeel {
namespace {

Dataset images() {
  std::vector<std::uint8_t> pixels(8 * 36);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i * 37);
  return Dataset("few", Tensor::of<std::uint8_t>({8, 6, 6, 1}, pixels), {0, 1, 0, 1, 0, 1, 0, 1},
                 2);
}

// Everything a program does with the library, on as little as possible.
void use(const Dataset& data, const std::filesystem::path& path, int threads) {
  const Model model = Sequential("few", image(6, 6, 1).scale(1 / 255.0))
                          .conv2d(2, 3, {.activation = Activation::relu})
                          .max_pool2d(2)
                          .flatten()
                          .batch_norm()
                          .dropout(0.2)
                          .dense(2)
                          .build();
  Trainer trainer(model, softmax_cross_entropy(), Adam{},
                  {.seed = 1, .threads = threads, .kernels = "native"});
  trainer.fit(data, {.epochs = 2, .batch_size = 4});
  trainer.save(path);
  std::vector<float> probabilities(8 * 2);
  const Predictor predictor = Predictor::load(path, {.threads = 1, .kernels = "native"});
  predictor.probabilities(data.images(), probabilities);
}

// True where it came to its end without a failure.
bool use_with(std::int64_t allocations, const Dataset& data, const std::filesystem::path& path,
              int threads) {
  bool thrown = false;
  left = allocations;
  try {
    use(data, path, threads);
  } catch (const std::bad_alloc&) {
    thrown = true;
  } catch (const Error&) {  // what was made of it, such as a file that could not be written
    thrown = true;
  }
  const bool all_used = left.exchange(-1) < 0;
  // A failure that was dealt with, as std::stable_sort does without its buffer, is no end either.
  return !thrown && !all_used;
}

// Fails allocation `at`, then next(at), until none is left to fail; returns how many it failed.
template <typename Next>
std::int64_t fail_from(std::int64_t at, Next next, int threads) {
  const test::TemporaryFolder folder;
  const Dataset data = images();
  const std::filesystem::path path = folder / "few.safetensors";
  use(data, path, threads);
  const auto good = test::read_bytes(path);
  std::int64_t tried = 0;
  for (; !use_with(at, data, path, threads); ++tried) {
    EXPECT_EQ(test::read_bytes(path), good) << "after allocation " << at << " failed";
    if (::testing::Test::HasFailure()) return tried;
    at = next(at);
    EXPECT_LT(at, 10'000'000) << "the set-up never came to its end";
  }
  std::cout << tried << " failures tried, the whole takes fewer than " << at << " allocations\n";
  return tried;
}

// Each of the first ones, then fewer and fewer, from a place that the seed chooses.
TEST(FailingNew, EndsInAnExceptionAndNeverInADamagedFile) {
  std::cout << "EVENKEEL_TEST_SEED=" << test::test_seed() << std::endl;
  const std::int64_t first = static_cast<std::int64_t>(test::test_seed() % 7);
  const auto tried = fail_from(
      0, [&](std::int64_t at) { return at + (at < 300 ? 1 : 1 + at / 60 + first); }, 2);
  EXPECT_GT(tried, 300);
}

// Every one in turn: each part takes every fourth. On one thread: tens of thousands of teams of two
// that end in their first step are mostly waiting.
class SlowFailingNew : public ::testing::TestWithParam<std::int64_t> {};
TEST_P(SlowFailingNew, EndsInAnExceptionWhicheverFails) {
  EXPECT_GT(fail_from(
                GetParam(), [](std::int64_t at) { return at + 4; }, 1),
            300);
}
INSTANTIATE_TEST_SUITE_P(Parts, SlowFailingNew, ::testing::Range<std::int64_t>(0, 4));

}  // namespace
}  // namespace evenkeel
