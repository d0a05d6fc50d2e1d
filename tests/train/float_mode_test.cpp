// SPDX-License-Identifier: Apache-2.0
// The caller's floating-point mode, and that of the threads, has no influence and stays as it was.
#include "evenkeel/base/float_mode.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "evenkeel/base/threads.h"
#include "evenkeel/train/predictor.h"
#include "tests/support/graph_checks.h"
#include "tests/train/small_run.h"

namespace evenkeel::test {
namespace {

constexpr int kThreads = 2;
// Of a region; a pool of the library's own is nobody's but its business.
#ifdef _OPENMP
constexpr int kRegion = kThreads;
#else
constexpr int kRegion = 1;
#endif
#if defined(__x86_64__) || defined(__i386__)
constexpr FloatMode kFlush = 0x8040;    // FTZ, DAZ
constexpr FloatMode kUpwards = 0x4000;  // rounding
constexpr FloatMode kStickyFlags = 0x003F;
#else
constexpr FloatMode kFlush = FloatMode{1} << 24;    // FZ
constexpr FloatMode kUpwards = FloatMode{1} << 22;  // RMode
constexpr FloatMode kStickyFlags = 0;               // FPSR has them
#endif

// A batch norm whose statistics are denormals, and one behind it.
Model denormal_model() {
  return Sequential("denormal", image(28, 28, 1).scale(1e-40))
      .max_pool2d(4)
      .batch_norm({.epsilon = 1e-5})
      .flatten()
      .dense(16, {.activation = Activation::relu})
      .batch_norm()
      .dense(10)
      .build();
}

// Sets the mode of this thread and of those that regions run on, and puts theirs back. This
// thread's own outside of the regions: libomp gives it back the mode it entered one with.
class ModeOfAll {
 public:
  explicit ModeOfAll(FloatMode bits) {
    before_[0] = float_mode();
    set_float_mode(kDefaultFloatMode | bits);
    on_the_others([&](std::size_t worker) {
      before_[worker] = float_mode();
      set_float_mode(kDefaultFloatMode | bits);
    });
  }
  ~ModeOfAll() {
    on_the_others([&](std::size_t worker) { set_float_mode(before_[worker]); });
    set_float_mode(before_[0]);
  }
  ModeOfAll(const ModeOfAll&) = delete;
  ModeOfAll& operator=(const ModeOfAll&) = delete;

  static std::array<FloatMode, kRegion> now() {
    std::array<FloatMode, kRegion> modes = {};
    run_lanes(kRegion, kRegion, [&](int worker, std::int64_t, std::int64_t) {
      modes[static_cast<std::size_t>(worker)] = float_mode() & ~kStickyFlags;
    });
    return modes;
  }

 private:
  template <typename F>
  static void on_the_others(const F& function) {
    run_lanes(kRegion, kRegion, [&](int worker, std::int64_t, std::int64_t) {
      if (worker > 0) function(static_cast<std::size_t>(worker));
    });
  }

  std::array<FloatMode, kRegion> before_ = {};
};

struct Results {
  std::vector<double> losses;
  std::map<std::string, Tensor> state;
  double moving_loss = 0;
  double recalibrated_loss = 0;
  std::vector<float> logits;
  friend bool operator==(const Results&, const Results&) = default;
};

// `between` is called where a caller has the word.
Results results(const std::function<void()>& between = [] {}) {
  Trainer run(denormal_model(), softmax_cross_entropy(), Adam{.learning_rate = 3e-3},
              {.seed = 1, .threads = kThreads});
  between();
  Results all;
  const Callback note{.on_batch = [&](Trainer&, const BatchEvent& event) {
    all.losses.push_back(event.loss);
    between();
  }};
  run.fit(small_data(), {.epochs = 1, .batch_size = 32, .callbacks = {note}});
  between();
  const Dataset unseen = small_data(150, 2);
  all.moving_loss = run.evaluate(unseen).loss;
  between();
  all.recalibrated_loss = run.evaluate(unseen, {.statistics = Recalibrated{}}).loss;
  between();
  run.recalibrate(small_data());
  between();
  all.logits.resize(1500);
  const Predictor predictor(run, {.threads = kThreads});
  between();
  predictor.logits(unseen.images(), all.logits);
  between();
  for (const std::string& name : run.state_names()) all.state[name] = run.state(name);
  return all;
}

TEST(FloatMode, DenormalsAreKept) {
  Trainer run(denormal_model(), softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = kThreads});
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  const Tensor means = run.state("bn1/moving_mean");
  const float mean = means.values<float>()[0];
  EXPECT_EQ(std::fpclassify(mean), FP_SUBNORMAL) << mean;
}

TEST(FloatMode, OfTheCallerHasNoInfluenceAndStays) {
  const Results expected = results();
  for (const FloatMode bits : {kFlush, kUpwards}) {
    SCOPED_TRACE(bits == kFlush ? "denormals are zero" : "rounding upwards");
    const ModeOfAll mode(bits);
    const auto before = ModeOfAll::now();
    EXPECT_EQ(before[0], kDefaultFloatMode | bits);
    int changes = 0;
    const Results found = results([&] { changes += ModeOfAll::now() == before ? 0 : 1; });
    EXPECT_EQ(changes, 0);
    EXPECT_EQ(found.losses, expected.losses);
    for (const auto& [name, tensor] : expected.state)
      EXPECT_TRUE(found.state.at(name) == tensor) << name;
    EXPECT_TRUE(found == expected);
  }
}

TEST(FloatMode, OfTheCallerStaysWhereACallThrows) {
  Trainer run(denormal_model(), softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = kThreads});
  const ModeOfAll mode(kFlush);
  const auto before = ModeOfAll::now();
  EXPECT_THROW(run.evaluate(small_data()), UntrainedStatistics);
  EXPECT_THROW(run.fit(small_data(), {.batch_size = 1000}), InvalidArgument);
  EXPECT_THROW(run.recalibrate(Dataset()), InvalidArgument);
  Tensor kernel = run.state("dense1/kernel");
  for (float& weight : kernel.values<float>()) weight = HUGE_VALF;
  run.set_state("dense1/kernel", kernel);
  EXPECT_THROW(run.fit(small_data(), {.batch_size = 32}), RuntimeFailure);
  EXPECT_EQ(ModeOfAll::now(), before);
}

// What overflows in a call is its business, not a signal.
TEST(FloatMode, TrapsOfTheCallerDoNotGoOff) {
  Trainer run = small_trainer();
  run.fit(small_data(), {.epochs = 1, .batch_size = 32});
  Tensor kernel = run.state("dense1/kernel");
  for (float& weight : kernel.values<float>()) weight = 3e38F;
  run.set_state("dense1/kernel", kernel);
  const FloatMode before = float_mode();
#if defined(__x86_64__) || defined(__i386__)
  set_float_mode(kDefaultFloatMode & ~FloatMode{0x0680});  // invalid, division by zero, overflow
#endif
  const double loss = run.evaluate(small_data()).loss;
  set_float_mode(before);
  EXPECT_FALSE(std::isfinite(loss));
}

}  // namespace
}  // namespace evenkeel::test
