// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/study/confusion.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "evenkeel/base/error.h"

namespace evenkeel {
namespace {

constexpr std::int64_t kImagesAtOnce = 1024;

double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole)
                   : std::numeric_limits<double>::quiet_NaN();
}

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }

// What an image's logits mean, by the loss (graph/ops/softmax_cross_entropy.h, losses.h).
struct Outputs {
  std::span<const float> logits;
  Loss kind;
  std::int32_t label;
  std::span<const float> targets;  // none: the label

  double target(std::size_t k) const {
    if (!targets.empty()) return targets[k];
    if (logits.size() == 1) return label;
    return static_cast<std::size_t>(label) == k ? 1 : 0;
  }
  double log_sum() const {
    const double largest = *std::max_element(logits.begin(), logits.end());
    double sum = 0;
    for (const float z : logits) sum += std::exp(z - largest);
    return largest + std::log(sum);
  }
  double loss() const {
    const double log_sum = kind == Loss::softmax_cross_entropy ? this->log_sum() : 0;
    double sum = 0;
    for (std::size_t k = 0; k < logits.size(); ++k) {
      const double z = logits[k];
      const double t = target(k);
      if (kind == Loss::softmax_cross_entropy)
        sum += t == 0 ? 0 : t * (log_sum - z);
      else if (kind == Loss::sigmoid_cross_entropy)
        sum += std::max(z, 0.0) - z * t + std::log1p(std::exp(-std::abs(z)));
      else
        sum += (z - t) * (z - t);
    }
    const auto count = static_cast<double>(logits.size());
    return kind == Loss::softmax_cross_entropy ? sum : sum / count;
  }
  std::int64_t predicted() const {
    if (logits.size() == 1)
      return (kind == Loss::mean_squared_error ? logits[0] > 0.5F : logits[0] > 0) ? 1 : 0;
    return std::max_element(logits.begin(), logits.end()) - logits.begin();
  }
  double probability(std::int64_t of) const {
    const double z = logits[logits.size() == 1 ? 0 : static_cast<std::size_t>(of)];
    if (kind == Loss::softmax_cross_entropy) return std::exp(z - log_sum());
    if (kind == Loss::mean_squared_error) return z;
    return logits.size() == 1 && of == 0 ? sigmoid(-z) : sigmoid(z);
  }
};

Image picture_of(const Dataset& data, std::int64_t index) {
  const Shape& shape = data.image_shape();
  const auto pixels = data.image(index);
  Image image{shape[0], shape[1], shape[2], {pixels.begin(), pixels.end()}};
  if (image.channels == 1 || image.channels == 3) return image;
  const auto channels = static_cast<std::size_t>(image.channels);
  for (std::size_t i = 0; i * channels < pixels.size(); ++i) image.pixels[i] = pixels[i * channels];
  image.pixels.resize(pixels.size() / channels);
  image.channels = 1;
  return image;
}

// The largest loss first; of equals the first image.
bool worse(const Mistake& a, const Mistake& b) {
  return a.loss != b.loss ? a.loss > b.loss : a.index < b.index;
}

// What has been judged so far.
class Tally {
 public:
  Tally(const Dataset& data, std::int64_t classes, std::size_t most_mistakes)
      : data_(data), most_(most_mistakes) {
    result_.confusion.classes = classes;
    result_.confusion.counts.resize(static_cast<std::size_t>(classes * classes));
  }

  void add(std::int64_t index, const Outputs& outputs) {
    Confusion& confusion = result_.confusion;
    const double loss = outputs.loss();
    const std::int64_t predicted = outputs.predicted();
    loss_ += loss;
    ++confusion.images;
    ++confusion.counts[static_cast<std::size_t>(outputs.label * confusion.classes + predicted)];
    if (predicted == outputs.label) {
      ++confusion.correct;
      return;
    }
    std::vector<Mistake>& worst = result_.worst;
    Mistake mistake{index,
                    outputs.label,
                    predicted,
                    outputs.probability(outputs.label),
                    outputs.probability(predicted),
                    loss,
                    {}};
    worst.insert(std::upper_bound(worst.begin(), worst.end(), mistake, worse), mistake);
    if (worst.size() > most_) worst.pop_back();
  }

  Judged result() && {
    const auto images = static_cast<double>(result_.confusion.images);
    if (images > 0) result_.confusion.loss = loss_ / images;
    for (Mistake& mistake : result_.worst) mistake.picture = picture_of(data_, mistake.index);
    return std::move(result_);
  }

 private:
  const Dataset& data_;
  std::size_t most_;
  double loss_ = 0;
  Judged result_;
};

void require_fitting(const Model& model, const Dataset& data) {
  const std::int64_t classes = std::max<std::int64_t>(model.classes(), 2);
  const bool targets = !data.has_targets() || data.classes() == model.classes();
  if (data.classes() <= classes && targets && data.image_shape() == model.image_shape()) return;
  throw InvalidArgument(data.name(), "expected images " + to_string(model.image_shape()) + " of " +
                                         std::to_string(classes) + " classes, got " +
                                         to_string(data.image_shape()) + " of " +
                                         std::to_string(data.classes()));
}

}  // namespace

double Confusion::accuracy() const { return ratio(correct, images); }

std::int64_t Confusion::images_of(std::int64_t label) const {
  std::int64_t sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) sum += count(label, k);
  return sum;
}

double Confusion::recall(std::int64_t label) const {
  return ratio(count(label, label), images_of(label));
}

double Confusion::precision(std::int64_t label) const {
  std::int64_t sum = 0;
  for (std::int64_t k = 0; k < classes; ++k) sum += count(k, label);
  return ratio(count(label, label), sum);
}

Judged judge(const Predictor& predictor, Loss loss, const Dataset& data,
             std::size_t most_mistakes) {
  require_fitting(predictor.model(), data);
  const auto width = static_cast<std::size_t>(predictor.model().classes());
  Tally tally(data, std::max<std::int64_t>(predictor.model().classes(), 2), most_mistakes);
  std::vector<float> logits;
  for (std::int64_t begin = 0; begin < data.size(); begin += kImagesAtOnce) {
    const std::int64_t count = std::min(kImagesAtOnce, data.size() - begin);
    logits.resize(static_cast<std::size_t>(count) * width);
    const Dataset images = data.subset(begin, begin + count);
    predictor.logits(ImageView(images.images()), logits);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto n = static_cast<std::size_t>(begin + i);
      const auto row = std::span<const float>(logits).subspan(static_cast<std::size_t>(i) * width);
      Outputs outputs{row.first(width), loss, data.labels()[n], {}};
      if (data.has_targets()) outputs.targets = data.targets().subspan(n * width, width);
      tally.add(begin + i, outputs);
    }
  }
  return std::move(tally).result();
}

}  // namespace evenkeel
