// SPDX-License-Identifier: Apache-2.0
// A tiny trained run and pictures for it.
#pragma once

#include "evenkeel/formats/image.h"
#include "tests/cli/tiny_run.h"
#include "tests/support/image_files.h"

namespace evenkeel::test {

// out: a run of one epoch on mnist. digit.png, digit.jpg: the same small picture, 28x28 grey.
class PredictRun : public TinyRun {
 public:
  PredictRun() {
    finish(start(train("out", 1)));
    const std::vector<std::uint8_t> label = {4};
    digit_ = {28, 28, 1, small_images(label, 9)};
    write_bytes(path("digit.png"), png_file(digit_));
    write_bytes(path("digit.jpg"), jpeg_file(digit_, {.quality = 100}));
  }
  const Image& digit() const { return digit_; }
  Outcome predict(const std::vector<std::string>& more) {
    std::vector<std::string> words = {"predict", "out", "--data-dir", "sets"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

 private:
  Image digit_;
};

}  // namespace evenkeel::test
