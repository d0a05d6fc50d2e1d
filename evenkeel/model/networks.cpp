#include "evenkeel/model/networks.h"

#include "evenkeel/base/suggest.h"
#include "evenkeel/model/sequential.h"

namespace evenkeel {

Model mnist_cnn(bool tf_statistics) {
  return Sequential("mnist-cnn", image(28, 28, 1).scale(1 / 255.0))
      .conv2d(32, 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .conv2d(64, 5, {.padding = Padding::same, .activation = Activation::relu})
      .max_pool2d(2)
      .flatten()
      .batch_norm({.count_weighted = !tf_statistics})
      .dense(1024, {.activation = Activation::relu})
      .dense(10)
      .build();
}

std::vector<std::string> network_names() { return {"mnist-cnn"}; }

Model network(std::string_view name) {
  if (name == "mnist-cnn") return mnist_cnn();
  std::string known;
  for (const std::string& other : network_names()) known += (known.empty() ? "" : ", ") + other;
  throw InvalidArgument("model", "expected one of " + known + ", got '" + std::string(name) + "'" +
                                     did_you_mean(name, network_names()));
}

}  // namespace evenkeel
