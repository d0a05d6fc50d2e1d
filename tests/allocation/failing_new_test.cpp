// SPDX-License-Identifier: Apache-2.0
// Memory that runs out anywhere in a training set-up: each operator new fails in turn, and what
// comes of it is an exception, never a crash and never a damaged file. A program of its own,
// because it replaces operator new. oneDNN's allocations are not ours, so it is left out.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

#include "evenkeel/model/freeze.h"
#include "evenkeel/model/layers.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/gradient_check.h"
#include "tests/support/idx_files.h"

namespace {

// How many more allocations succeed; below 0: all.
std::atomic<std::int64_t> left = -1;

// Exit codes of a child.
constexpr int kEndedWell = 0;
constexpr int kDamagedFile = 1;

// While `forking`, one in `one_in` allocations of this thread makes a child in which it fails; the
// parent waits for the child and goes on with memory.
struct Children {
  std::filesystem::path folder;  // of the files that both write
  bool forking = false;
  bool is_child = false;
  std::int64_t one_in = 1;
  std::int64_t seen = 0;
  std::int64_t count = 0;
  std::int64_t faults = 0;
  std::string first_fault = {};
};
thread_local Children children;

// Where this process stands in the files it has open: a child that goes on moves it.
class KeptOffsets {
 public:
  KeptOffsets() {
    for (std::size_t i = 0; i < offsets_.size(); ++i)
      offsets_[i] = lseek(static_cast<int>(i) + kFirst, 0, SEEK_CUR);
  }
  void put_back() const {
    for (std::size_t i = 0; i < offsets_.size(); ++i)
      if (offsets_[i] >= 0) lseek(static_cast<int>(i) + kFirst, offsets_[i], SEEK_SET);
  }

 private:
  static constexpr int kFirst = 3;  // behind the standard streams
  std::array<off_t, 29> offsets_ = {};
};

// The files of a folder as they are, under names of their own: a child cleans up what its parent
// still writes.
class KeptFiles {
 public:
  explicit KeptFiles(const std::filesystem::path& folder)
      : folder_(folder), aside_(folder.string() + ".kept") {
    std::filesystem::create_directory(aside_);
    for (const auto& file : std::filesystem::directory_iterator(folder_))
      std::filesystem::create_hard_link(file.path(), aside_ / file.path().filename());
  }
  // Puts them back; true where the child left nothing else behind.
  bool put_back() const {
    bool clean = true;
    for (const auto& file : std::filesystem::directory_iterator(folder_))
      clean = clean && std::filesystem::exists(aside_ / file.path().filename());
    for (const auto& file : std::filesystem::directory_iterator(aside_))
      std::filesystem::rename(file.path(), folder_ / file.path().filename());
    std::filesystem::remove_all(aside_);  // rename leaves what is the same file in both
    return clean;
  }

 private:
  std::filesystem::path folder_;
  std::filesystem::path aside_;
};

// True in the child.
bool fork_one() {
  children.forking = false;
  const KeptFiles files(children.folder);
  const KeptOffsets offsets;
  const pid_t child = fork();
  if (child == 0) {
    children.is_child = true;
    return true;
  }
  int status = -1;
  const bool waited = child > 0 && waitpid(child, &status, 0) == child;
  const bool clean = files.put_back();
  offsets.put_back();
  if ((!waited || status != kEndedWell || !clean) && children.faults++ == 0)
    children.first_fault = "allocation " + std::to_string(children.count) + ", wait status " +
                           std::to_string(status) + (clean ? "" : ", a file left behind");
  ++children.count;
  children.forking = true;
  return false;
}

// Not inlined: GCC would take the pair below for mismatched.
[[gnu::noinline]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept {
  if (left.load() >= 0 && left.fetch_sub(1) == 0) {
    left = -1;  // what cleans up afterwards has memory again
    return nullptr;
  }
  if (children.forking && ++children.seen % children.one_in == 0 && fork_one()) return nullptr;
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

// The same of what the first leaves out: branches, other norms and batches, another optimiser with
// clipping and a schedule, evaluation, recalibration, restoring, a frozen network.
void use_the_rest(const Dataset& data, const std::filesystem::path& path, int threads) {
  Scope s("few", image(6, 6, 1).scale(1 / 255.0));
  const Value x = layers::conv2d(4, 3, {.padding = Padding::same, .bias = false})(s, s.images());
  const Value left = layers::relu()(s, layers::batch_norm({.batch = Ghost{.size = 2}})(s, x));
  const Value right = layers::group_norm(2)(s, layers::depthwise_conv2d(1)(s, x));
  const Value y = layers::concat()(s, layers::add()(s, left, right), x);
  const Value pooled = layers::flatten()(s, layers::avg_pool2d(3)(s, y));
  const Value normed = layers::batch_norm({.batch = Renorm{}})(s, pooled);
  const Model model = s.build(layers::dense(2)(s, normed));
  const TrainerOptions options = {.seed = 1,
                                  .threads = threads,
                                  .kernels = "native",
                                  .schedule = Schedule::cosine().warm_up(2)};
  const Optimizer optimizer = Sgd{.momentum = 0.9, .nesterov = true, .l2 = 1e-4, .clip_norm = 1};
  Trainer trainer(model, sigmoid_cross_entropy(), optimizer, options);
  trainer.fit(data, {.epochs = 1, .batch_size = 4});
  trainer.recalibrate(data, {.batch_size = 4});
  trainer.save(path);
  Trainer frozen(freeze(model, "bn*"), sigmoid_cross_entropy(), optimizer, options);
  frozen.restore(path);
  frozen.evaluate(data, {.top_k = 1});
  frozen.fit(data, {.epochs = 2, .batch_size = 4});
}

using Use = void (*)(const Dataset& data, const std::filesystem::path& path, int threads);

// False where it ended in an exception.
bool ends(Use use, const Dataset& data, const std::filesystem::path& path, int threads) {
  try {
    use(data, path, threads);
  } catch (const std::bad_alloc&) {
    return false;
  } catch (const Error&) {  // what was made of it, such as a file that could not be written
    return false;
  }
  return true;
}

// True where it came to its end without a failure.
bool use_with(std::int64_t allocations, Use use, const Dataset& data,
              const std::filesystem::path& path, int threads) {
  left = allocations;
  const bool ended = ends(use, data, path, threads);
  const bool all_used = left.exchange(-1) < 0;
  // A failure that was dealt with, as std::stable_sort does without its buffer, is no end either.
  return ended && !all_used;
}

// Fails allocation `at`, then next(at), until none is left to fail; returns how many it failed.
template <typename Next>
std::int64_t fail_from(std::int64_t at, Next next, Use use, int threads) {
  const test::TemporaryFolder folder;
  const Dataset data = images();
  const std::filesystem::path path = folder / "few.safetensors";
  use(data, path, threads);
  const auto good = test::read_bytes(path);
  std::int64_t tried = 0;
  for (; !use_with(at, use, data, path, threads); ++tried) {
    EXPECT_EQ(test::read_bytes(path), good) << "after allocation " << at << " failed";
    if (::testing::Test::HasFailure()) return tried;
    at = next(at);
    EXPECT_LT(at, 10'000'000) << "the set-up never came to its end";
  }
  std::cout << tried << " failures tried, the whole takes fewer than " << at << " allocations\n";
  return tried;
}

class FailingNew : public testing::TestWithParam<Use> {};
class SlowFailingNew : public testing::TestWithParam<Use> {};

// Each of the first ones, then fewer and fewer, from a place that the seed chooses.
TEST_P(FailingNew, EndsInAnExceptionAndNeverInADamagedFile) {
  std::cout << "EVENKEEL_TEST_SEED=" << test::test_seed() << std::endl;
  const std::int64_t first = static_cast<std::int64_t>(test::test_seed() % 7);
  const auto tried = fail_from(
      0, [&](std::int64_t at) { return at + (at < 300 ? 1 : 1 + at / 60 + first); }, GetParam(), 2);
  EXPECT_GT(tried, 300);
}

// Every one in turn (of the rest one in twelve, from a place that the seed chooses), each in a
// child of its own that ends after it: the parent's single run is all that is repeated. On one
// thread, as a child has but the one that made it.
TEST_P(SlowFailingNew, EndsInAnExceptionWhicheverFails) {
  const test::TemporaryFolder folder;
  const Dataset data = images();
  const std::filesystem::path path = folder / "few.safetensors";
  GetParam()(data, path, 1);
  const auto good = test::read_bytes(path);
  children = {.folder = folder.path(), .forking = true};
  if (GetParam() != &use) {
    children.one_in = 12;
    children.seen = static_cast<std::int64_t>(test::test_seed() % 12);
  }
  const bool ended = ends(GetParam(), data, path, 1);
  children.forking = false;
  if (children.is_child) _exit(test::read_bytes(path) == good ? kEndedWell : kDamagedFile);
  EXPECT_TRUE(ended);
  EXPECT_EQ(test::read_bytes(path), good);
  std::cout << children.count << " allocations failed in turn" << std::endl;
  EXPECT_GT(children.count, 10'000);
  EXPECT_EQ(children.faults, 0) << "the first: " << children.first_fault;
}

const auto kEach = ::testing::Values(&use, &use_the_rest);
std::string name_of(const ::testing::TestParamInfo<Use>& info) {
  return info.param == &use ? "Usual" : "TheRest";
}
INSTANTIATE_TEST_SUITE_P(Each, FailingNew, kEach, name_of);
INSTANTIATE_TEST_SUITE_P(Each, SlowFailingNew, kEach, name_of);

}  // namespace
}  // namespace evenkeel
