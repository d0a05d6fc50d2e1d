// SPDX-License-Identifier: Apache-2.0
// A network and a data set so small that a test can train many times.
#pragma once

#include <string>
#include <vector>

#include "evenkeel/model/sequential.h"
#include "evenkeel/train/trainer.h"
#include "tests/cli/command.h"

namespace evenkeel::test {

inline Model tiny_network() {
  return Sequential("tiny", image(28, 28, 1).scale(1 / 255.0))
      .max_pool2d(4)
      .flatten()
      .batch_norm()
      .dense(16, {.activation = Activation::relu})
      .dense(10)
      .build();
}

// sets/mnist: 121 train, 11 validation, 20 test images; start.safetensors: the tiny network before
// its first step, which `train --resume` starts from.
class TinyRun : public CommandLine {
 public:
  static constexpr int kBatches = 15;  // of 8 images, in an epoch

  TinyRun() {
    write_idx_set(path("sets"), "mnist", 132, 20);
    Trainer trainer(tiny_network(), softmax_cross_entropy(), Adam{}, {.seed = 1, .threads = 1});
    trainer.save(path("start.safetensors"));
  }

  static std::vector<std::string> train(const std::string& out, int epochs,
                                        const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train",     "--resume", "start.safetensors",
                                      "--data",    "mnist",    "--data-dir",
                                      "sets",      "--batch",  "8",
                                      "--threads", "1",        "--out",
                                      out,         "--epochs", std::to_string(epochs)};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
  static std::vector<std::string> resume(const std::string& from,
                                         const std::vector<std::string>& more = {}) {
    std::vector<std::string> words = {"train", "--resume", from, "--data-dir", "sets"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  ByteVector bytes(const std::string& name) const { return read_bytes(path(name)); }
};

}  // namespace evenkeel::test
