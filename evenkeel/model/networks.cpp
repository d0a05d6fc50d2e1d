// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/model/networks.h"

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/model/networks/families.h"

namespace evenkeel {
namespace {

[[noreturn]] void fail_unknown(std::string_view name) {
  std::string known;
  for (const std::string& other : network_names()) known += (known.empty() ? "" : ", ") + other;
  throw InvalidArgument("model", "expected one of " + known + ", got '" + std::string(name) + "'" +
                                     did_you_mean(name, network_names()));
}

}  // namespace

std::vector<std::string> network_names() {
  return {"mnist-cnn", "mnist-99", "mlp", "resnet20", "resnet20-projection"};
}

Model network(std::string_view name) {
  if (name == "mnist-cnn") return mnist_cnn();
  if (name == "mnist-99") return mnist_99();
  if (name == "mlp") return mlp();
  if (name == "resnet20") return resnet();
  if (name == "resnet20-projection") return resnet({.shortcut = Shortcut::projection});
  fail_unknown(name);
}

Model network(std::string_view name, const ImageInput& input, std::int64_t classes) {
  if (name == "mnist-cnn") return mnist_cnn_for(input, classes, false);
  if (name == "mnist-99") return mnist_99_for(input, classes);
  if (name == "mlp") return mlp({.input = input, .classes = classes});
  if (name == "resnet20") return resnet({.input = input, .classes = classes});
  if (name == "resnet20-projection")
    return resnet({.shortcut = Shortcut::projection, .input = input, .classes = classes});
  fail_unknown(name);
}

}  // namespace evenkeel
