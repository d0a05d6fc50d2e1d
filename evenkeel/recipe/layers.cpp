// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/layers.h"

#include <algorithm>
#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/base/suggest.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/recipe/layer_options.h"

namespace evenkeel {
namespace {

using Options = LayerOptions;

constexpr LayerOptionInfo kName = {"name", "The layer's name; its kind and number"};
constexpr LayerOptionInfo kKernel = {"kernel", "Size, 3 or [high, wide]"};
constexpr LayerOptionInfo kStride = {"stride", "Pixels from one place to the next; 1"};
constexpr LayerOptionInfo kPadding = {
    "padding", "\"same\", \"valid\" or [top, bottom, left, right]; \"valid\""};
constexpr LayerOptionInfo kActivation = {
    "activation", "none, relu, leaky_relu, relu6, sigmoid, tanh or softmax; none"};
constexpr LayerOptionInfo kBias = {"bias", "true or false; true"};
constexpr LayerOptionInfo kInitializer = {
    "initializer", "glorot, he or lecun with _uniform or _normal; glorot_uniform"};
constexpr LayerOptionInfo kWindow = {"window", "Size, 2 or [high, wide]"};
constexpr LayerOptionInfo kDilation = {"dilation", "Distance of two taps; 1"};
constexpr LayerOptionInfo kEpsilon = {"epsilon", "Added to the variance"};
constexpr LayerOptionInfo kCenter = {"center", "false: no beta; true"};
constexpr LayerOptionInfo kScale = {"scale", "false: no gamma; true"};

std::int64_t widened(std::int64_t channels, double width) {
  return std::max<std::int64_t>(1, std::llround(static_cast<double>(channels) * width));
}

void conv2d(Sequential& to, const Options& o, double width) {
  o.require("filters");
  o.require("kernel");
  to.conv2d(widened(o.whole("filters", 0), width), o.size("kernel", 0),
            {.stride = o.size("stride", 1),
             .padding = o.padding(),
             .activation = o.activation(),
             .bias = o.flag("bias", true),
             .name = o.name(),
             .dilation = o.size("dilation", 1),
             .groups = o.whole("groups", 1),
             .kernel = o.initial("initializer", Initializer::glorot_uniform)});
}
void depthwise_conv2d(Sequential& to, const Options& o, double) {
  o.require("kernel");
  to.depthwise_conv2d(o.size("kernel", 0),
                      {.multiplier = o.whole("multiplier", 1),
                       .stride = o.size("stride", 1),
                       .padding = o.padding(),
                       .activation = o.activation(),
                       .bias = o.flag("bias", true),
                       .name = o.name(),
                       .dilation = o.size("dilation", 1),
                       .kernel = o.initial("initializer", Initializer::glorot_uniform)});
}
void max_pool2d(Sequential& to, const Options& o, double) {
  o.require("window");
  to.max_pool2d(o.size("window", 0),
                {.stride = o.size("stride", 0), .padding = o.padding(), .name = o.name()});
}
void avg_pool2d(Sequential& to, const Options& o, double) {
  o.require("window");
  to.avg_pool2d(o.size("window", 0), {.stride = o.size("stride", 0),
                                      .padding = o.padding(),
                                      .count_padding = o.flag("count_padding", false),
                                      .name = o.name()});
}

BatchNormOptions batch_norm_options(const Options& o) {
  BatchNormOptions options;
  options.epsilon = o.number("epsilon", options.epsilon);
  if (o.has("keep")) options.decay = Decay::keep(o.number("keep", 0));
  if (o.flag("cumulative", false)) options.decay = Cumulative{};
  options.count_weighted = o.flag("count_weighted", true);
  if (o.flag("sample_variance", false)) options.variance = MovingVariance::sample;
  options.name = o.name();
  options.center = o.flag("center", true);
  options.scale = o.flag("scale", true);
  if (o.has("ghost") && o.flag("renorm", false)) o.fail("expected ghost or renorm, not both");
  if (o.has("ghost")) options.batch = Ghost{.size = o.whole("ghost", 0)};
  if (o.flag("renorm", false)) options.batch = Renorm{};
  return options;
}

void dense(Sequential& to, const Options& o, double width) {
  o.require("units");
  to.dense(widened(o.whole("units", 0), width),
           {.activation = o.activation(),
            .bias = o.flag("bias", true),
            .name = o.name(),
            .kernel = o.initial("initializer", Initializer::glorot_uniform)});
}
void group_norm(Sequential& to, const Options& o, double) {
  o.require("groups");
  to.group_norm(o.whole("groups", 0), {.epsilon = o.number("epsilon", 1e-5),
                                       .center = o.flag("center", true),
                                       .scale = o.flag("scale", true),
                                       .name = o.name()});
}
void layer_norm(Sequential& to, const Options& o, double) {
  to.layer_norm({.epsilon = o.number("epsilon", 1e-5),
                 .center = o.flag("center", true),
                 .scale = o.flag("scale", true),
                 .name = o.name()});
}
void instance_norm(Sequential& to, const Options& o, double) {
  to.instance_norm({.epsilon = o.number("epsilon", 1e-5),
                    .center = o.flag("center", true),
                    .scale = o.flag("scale", true),
                    .name = o.name()});
}

struct KindOfLayer {
  LayerType info;
  void (*add)(Sequential&, const Options&, double width);
};

const std::vector<KindOfLayer>& kinds() {
  static const std::vector<KindOfLayer> all = {
      {{"conv2d",
        {{"filters", "Output channels"},
         kKernel,
         kStride,
         kPadding,
         kActivation,
         kBias,
         kDilation,
         {"groups", "Groups of channels; 1"},
         kInitializer,
         kName}},
       conv2d},
      {{"depthwise_conv2d",
        {kKernel,
         {"multiplier", "Output channels for each input channel; 1"},
         kStride,
         kPadding,
         kActivation,
         kBias,
         kDilation,
         kInitializer,
         kName}},
       depthwise_conv2d},
      {{"max_pool2d", {kWindow, {"stride", "The window's size"}, kPadding, kName}}, max_pool2d},
      {{"avg_pool2d",
        {kWindow,
         {"stride", "The window's size"},
         kPadding,
         {"count_padding", "Padding counts as zeros; false"},
         kName}},
       avg_pool2d},
      {{"global_max_pool2d", {}},
       [](Sequential& to, const Options&, double) { to.global_max_pool2d(); }},
      {{"global_avg_pool2d", {}},
       [](Sequential& to, const Options&, double) { to.global_avg_pool2d(); }},
      {{"flatten", {}}, [](Sequential& to, const Options&, double) { to.flatten(); }},
      {{"reshape", {{"shape", "Of a sample, [7, 7, 64]"}}},
       [](Sequential& to, const Options& o, double) {
         o.require("shape");
         to.reshape(o.numbers("shape", {}));
       }},
      {{"batch_norm",
        {kEpsilon,
         {"keep", "What the moving statistics keep at an update; 0.9"},
         {"cumulative", "They are the mean over all updates; false"},
         {"count_weighted", "The n-th update keeps n / (n + 1) at most; true"},
         {"sample_variance", "The moving variance is the sample's; false"},
         {"ghost", "Samples that share statistics; the whole batch"},
         {"renorm", "Batch renormalisation; false"},
         kCenter,
         kScale,
         kName}},
       [](Sequential& to, const Options& o, double) { to.batch_norm(batch_norm_options(o)); }},
      {{"layer_norm", {kEpsilon, kCenter, kScale, kName}}, layer_norm},
      {{"group_norm", {{"groups", "Groups of channels"}, kEpsilon, kCenter, kScale, kName}},
       group_norm},
      {{"instance_norm", {kEpsilon, kCenter, kScale, kName}}, instance_norm},
      {{"dense", {{"units", "Outputs"}, kActivation, kBias, kInitializer, kName}}, dense},
      {{"dropout", {{"rate", "Share that is set to 0"}}},
       [](Sequential& to, const Options& o, double) {
         o.require("rate");
         to.dropout(o.number("rate", 0));
       }},
      {{"relu", {}}, [](Sequential& to, const Options&, double) { to.relu(); }},
      {{"leaky_relu", {{"slope", "Below 0; 0.01"}}},
       [](Sequential& to, const Options& o, double) { to.leaky_relu(o.number("slope", 0.01)); }},
      {{"relu6", {}}, [](Sequential& to, const Options&, double) { to.relu6(); }},
      {{"sigmoid", {}}, [](Sequential& to, const Options&, double) { to.sigmoid(); }},
      {{"tanh", {}}, [](Sequential& to, const Options&, double) { to.tanh(); }},
      {{"softmax", {}}, [](Sequential& to, const Options&, double) { to.softmax(); }}};
  return all;
}

const KindOfLayer& kind_named(const SettingTable& layer) {
  const auto type = layer.values.find("type");
  const auto* name = type == layer.values.end() ? nullptr : std::get_if<std::string>(&type->second);
  if (name == nullptr)
    throw InvalidArgument(layer.place, "expected a layer with its type, as type = \"dense\"");
  std::vector<std::string> known;
  for (const KindOfLayer& kind : kinds()) {
    if (kind.info.type == *name) return kind;
    known.emplace_back(kind.info.type);
  }
  throw InvalidArgument(layer.place, "unknown layer '" + *name + "'" + did_you_mean(*name, known) +
                                         "; `evenkeel recipe schema` lists them");
}

void require_known_options(const SettingTable& layer, const LayerType& info) {
  for (const auto& [key, value] : layer.values) {
    if (key == "type") continue;
    std::vector<std::string> known;
    for (const LayerOptionInfo& option : info.options) known.emplace_back(option.key);
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw InvalidArgument(
          layer.place, std::string(info.type) + " has no '" + key + "'" + did_you_mean(key, known));
  }
}

}  // namespace

const std::vector<LayerType>& layer_types() {
  static const std::vector<LayerType> all = [] {
    std::vector<LayerType> result;
    for (const KindOfLayer& kind : kinds()) result.push_back(kind.info);
    return result;
  }();
  return all;
}

Model model_of_layers(const std::string& name, const std::vector<SettingTable>& layers,
                      const ImageInput& input, std::int64_t classes, double width,
                      bool batch_norm) {
  Sequential network(name, input);
  bool classifies = false;
  for (const SettingTable& layer : layers) {
    const KindOfLayer& kind = kind_named(layer);
    require_known_options(layer, kind.info);
    const Options options(std::string(kind.info.type), layer);
    if (kind.info.type == "batch_norm" && !batch_norm) continue;
    const bool last = &layer == &layers.back();
    classifies = last && kind.info.type == "dense";
    try {
      kind.add(network, options, classifies ? 1 : width);
    } catch (const InvalidArgument& error) {
      if (error.where() == layer.place) throw;
      throw InvalidArgument(layer.place, error.what());
    }
  }
  if (!classifies) network.dense(classes);
  return network.build();
}

}  // namespace evenkeel
