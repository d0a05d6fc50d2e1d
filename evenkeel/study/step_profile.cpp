// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/step_profile.h"

#include <algorithm>
#include <chrono>
#include <stop_token>
#include <string>
#include <utility>

#include "evenkeel/base/random.h"

namespace evenkeel {
namespace {

using ProfileClock = std::chrono::steady_clock;

constexpr std::int64_t kWarmUp = 2;  // steps

double seconds_since(ProfileClock::time_point start) {
  return std::chrono::duration<double>(ProfileClock::now() - start).count();
}

// `steps` more, or fewer where the seconds are over.
void train(Trainer& trainer, const Dataset& data, std::int64_t batch, std::int64_t steps,
           double seconds) {
  const ProfileClock::time_point start = ProfileClock::now();
  const std::int64_t end = trainer.completed_steps() + steps;
  std::stop_source stop;
  FitOptions options;
  options.batch_size = batch;
  options.epochs = end + 1;  // epochs have at least a step
  options.stop = stop.get_token();
  Callback callback;
  callback.on_batch = [&](Trainer&, const BatchEvent& event) {
    if (event.step >= end || seconds_since(start) > seconds) stop.request_stop();
  };
  options.callbacks = {callback};
  trainer.fit(data, options);
}

}  // namespace

Profile profile_steps(Trainer& trainer, const Dataset& data, const ProfileOptions& options) {
  train(trainer, data, options.batch, kWarmUp, options.seconds);
  trainer.start_profile();
  train(trainer, data, options.batch, options.steps, options.seconds);
  const Profile* profile = trainer.profile();
  return profile == nullptr ? Profile{} : *profile;
}

Dataset noise_for(const Model& model, std::int64_t count) {
  std::vector<std::int64_t> extents = {count};
  const Shape image = model.image_shape();
  extents.insert(extents.end(), image.begin(), image.end());
  Tensor images(DType::u8, Shape(extents));
  const Random random(1, Purpose::test, 0);
  const auto pixels = images.values<std::uint8_t>();
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(random.bits(i / 8) >> (8 * (i % 8)));
  const std::int64_t classes = std::max<std::int64_t>(model.classes(), 2);
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < count; ++i) labels.push_back(static_cast<std::int32_t>(i % classes));
  return {"noise", std::move(images), std::move(labels), classes};
}

}  // namespace evenkeel
