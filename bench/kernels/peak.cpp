// SPDX-License-Identifier: Apache-2.0
#include "bench/kernels/peak.h"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <vector>

#include "evenkeel/base/threads.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/kernels/peak.cpp"
#include "hwy/foreach_target.h"
// Per instruction set, so behind foreach_target.h.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace evenkeel::bench {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Enough sums that none waits for its last multiply-add. Gives how many operations it did.
double multiply_add(size_t rounds, float* result) {
  const hn::ScalableTag<float> d;
  const auto a = hn::Set(d, 0.999F);
  const auto b = hn::Set(d, 0.001F);
  auto s0 = hn::Set(d, 0.0F), s1 = hn::Set(d, 0.1F), s2 = hn::Set(d, 0.2F), s3 = hn::Set(d, 0.3F);
  auto s4 = hn::Set(d, 0.4F), s5 = hn::Set(d, 0.5F), s6 = hn::Set(d, 0.6F), s7 = hn::Set(d, 0.7F);
  auto s8 = hn::Set(d, 0.8F), s9 = hn::Set(d, 0.9F);
  for (size_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, a, b);
    s1 = hn::MulAdd(s1, a, b);
    s2 = hn::MulAdd(s2, a, b);
    s3 = hn::MulAdd(s3, a, b);
    s4 = hn::MulAdd(s4, a, b);
    s5 = hn::MulAdd(s5, a, b);
    s6 = hn::MulAdd(s6, a, b);
    s7 = hn::MulAdd(s7, a, b);
    s8 = hn::MulAdd(s8, a, b);
    s9 = hn::MulAdd(s9, a, b);
  }
  s0 = hn::Add(hn::Add(s0, s1), hn::Add(s2, s3));
  s4 = hn::Add(hn::Add(s4, s5), hn::Add(s6, s7));
  *result = hn::GetLane(hn::Add(hn::Add(s0, s4), hn::Add(s8, s9)));
  return 2.0 * 10 * static_cast<double>(rounds * hn::Lanes(d));
}

// a = b + s c
void triad(float* a, const float* b, const float* c, size_t count) {
  const hn::ScalableTag<float> d;
  const auto s = hn::Set(d, 0.5F);
  for (size_t i = 0; i < count; i += hn::Lanes(d))
    hn::StoreU(hn::MulAdd(s, hn::LoadU(d, c + i), hn::LoadU(d, b + i)), d, a + i);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace evenkeel::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace evenkeel::bench {
namespace {

HWY_EXPORT(multiply_add);
HWY_EXPORT(triad);

template <typename F>
double seconds(const F& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Short, and often: one of them is not disturbed by what else runs.
double measure_gflops(int threads) {
  constexpr std::size_t kRounds = 50'000;
  constexpr int kRepeats = 400;
  std::vector<float> results(static_cast<std::size_t>(threads) * 16);
  std::vector<double> done(static_cast<std::size_t>(threads) * 8);
  double best = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const double time = seconds([&] {
      run_lanes(threads, threads, [&](int, std::int64_t begin, std::int64_t end) {
        for (auto lane = static_cast<std::size_t>(begin); lane < static_cast<std::size_t>(end);
             ++lane)
          done[lane * 8] = HWY_DYNAMIC_DISPATCH(multiply_add)(kRounds, &results[lane * 16]);
      });
    });
    double operations = 0;
    for (std::size_t lane = 0; lane < done.size(); lane += 8) operations += done[lane];
    best = std::max(best, operations / time / 1e9);
  }
  return best;
}

// Three arrays of `bytes` together, gone through from end to end again and again, a part of them at
// a time: a sample of a part is short enough that one in a few is not disturbed. The fast twentieth
// of the samples counts, not the best: what a part has left in a nearer cache is none.
double measure_gigabytes_s(int threads, double bytes) {
  constexpr std::int64_t kBlock = 512;
  constexpr double kSample = 4e6;
  const auto blocks = static_cast<std::int64_t>(bytes / 3 / sizeof(float) / kBlock);
  const std::int64_t parts = std::max<std::int64_t>(1, static_cast<std::int64_t>(bytes / kSample));
  const int passes = static_cast<int>(std::max(1.0, 5 * kSample / bytes));
  const int rounds = static_cast<int>(std::max<std::int64_t>(4, 200 / parts));
  const auto count = static_cast<std::size_t>(blocks * kBlock);
  std::vector<float> a(count), b(count, 1), c(count, 2);
  std::vector<double> rates;
  for (std::int64_t sample = 0; sample < rounds * parts; ++sample) {
    const std::int64_t first = blocks * (sample % parts) / parts;
    const std::int64_t last = blocks * (sample % parts + 1) / parts;
    const double time = seconds([&] {
      run_lanes(threads, last - first, [&](int, std::int64_t begin, std::int64_t end) {
        const auto from = static_cast<std::size_t>((first + begin) * kBlock);
        for (int pass = 0; pass < (parts == 1 ? passes : 1); ++pass) HWY_DYNAMIC_DISPATCH(triad)
        (&a[from], &b[from], &c[from], static_cast<std::size_t>((end - begin) * kBlock));
      });
    });
    const double floats =
        3.0 * static_cast<double>((last - first) * kBlock) * (parts == 1 ? passes : 1);
    rates.push_back(floats * sizeof(float) / time / 1e9);
  }
  const auto place = rates.begin() + static_cast<std::ptrdiff_t>(rates.size() * 19 / 20);
  std::nth_element(rates.begin(), place, rates.end());
  return *place;
}

}  // namespace

Limits measure_limits(int threads) {
  // What a core's L1 and L2 hold is as much more on several.
  Limits limits = {measure_gflops(threads), {}};
  const double cores = threads;
  for (const MemoryLevel& level : {MemoryLevel{"L1", 32e3 * cores}, MemoryLevel{"L2", 1e6 * cores},
                                   MemoryLevel{"L3", 24e6}, MemoryLevel{"memory", 1e18}})
    limits.levels.push_back({level.name, level.bytes,
                             measure_gigabytes_s(threads, std::min(0.7 * level.bytes, 144e6))});
  return limits;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  std::string name, family, model;
  for (std::string line; std::getline(file, line) && !line.empty();) {
    const std::size_t colon = line.find(": ");
    if (colon == std::string::npos) continue;
    const std::string value = line.substr(colon + 2);
    if (line.starts_with("model name")) name = value;
    if (line.starts_with("cpu family")) family = value;
    if (line.starts_with("model\t")) model = value;
  }
  if (name.empty()) return "unknown";
  return name + " (family " + family + ", model " + model + ")";
}

}  // namespace evenkeel::bench
#endif  // HWY_ONCE
