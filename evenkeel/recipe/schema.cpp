// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/recipe/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evenkeel/recipe/fields.h"
#include "evenkeel/recipe/layers.h"
#include "evenkeel/recipe/values.h"

namespace evenkeel {
namespace {

using Json = nlohmann::ordered_json;

std::string_view kind(bool) { return "true or false"; }
std::string_view kind(std::int64_t) { return "whole number"; }
std::string_view kind(std::uint64_t) { return "whole number"; }
std::string_view kind(double) { return "number"; }
std::string_view kind(const std::string&) { return "text"; }
std::string_view kind(const std::vector<double>&) { return "list of numbers"; }
std::string_view kind(const std::vector<std::string>&) { return "list of texts"; }
std::string_view kind(const std::vector<SettingTable>&) { return "list of tables"; }
template <typename T>
std::string_view kind(const std::optional<T>&) {
  return kind(T{});
}

std::string section_of(const RecipeField& field) {
  return std::string(field.key.substr(0, field.key.find('.')));
}
std::string name_in_section(const RecipeField& field) {
  return std::string(field.key.substr(field.key.find('.') + 1));
}

std::string what_of(const RecipeField& field) {
  std::string text(field.what);
  if (!field.names.empty()) text += ": " + std::string(field.names);
  return text;
}

Json type_of(std::string_view kind) {
  if (kind == "true or false") return {{"type", "boolean"}};
  if (kind == "whole number") return {{"type", "integer"}, {"minimum", 0}};
  if (kind == "number") return {{"type", "number"}};
  if (kind == "text") return {{"type", "string"}};
  const char* items = kind == "list of numbers" ? "number"
                      : kind == "list of texts" ? "string"
                                                : "object";
  return {{"type", "array"}, {"items", {{"type", items}}}};
}

Json names_as_json(std::string_view names) {
  Json list = Json::array();
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(", "), names.size());
    list.push_back(std::string(names.substr(0, comma)));
    names.remove_prefix(std::min(comma + 2, names.size()));
  }
  return list;
}

constexpr const char kIntroduction[] = R"(# Recipes

<!-- Made by `evenkeel recipe schema --markdown`; a test holds it to that. -->

A recipe is a TOML file that describes a run: network, data, training. Every key has a default, so that the shortest
recipe is an empty file: `mnist-cnn` on `mnist`.

| command | does |
|---|---|
| `evenkeel train recipe.toml` | trains by it |
| `evenkeel train recipe.toml --set train.lr=0.01` | with another value; a text needs no quotes; any number of them |
| `evenkeel recipe check recipe.toml` | says what is wrong, with line and column; builds the network |
| `evenkeel recipe show recipe.toml` | every key with the value that it has; of a run's folder its recipe |
| `evenkeel recipe schema` | this list as a recipe; `--json`: as JSON Schema, `--markdown`: this page |

Flags of `train` stand for the keys beside them, and the last one given counts: recipe, then `--set`, then flags. The
run's folder keeps the resolved recipe as `recipe.toml`; training by it again gives the same bytes (with the same number
of threads and instruction set).

Ready ones are in `recipes/`:

| recipe | shows |
|---|---|
| `mnist-cnn` | the reference exercise |
| `mnist-cnn-bn` | batch norm after each convolution, before the activation; early stopping |
| `mnist-99` | 99 % within seconds: a one-cycle rate |
| `mnist-muon` | Muon, an exponential schedule, averaged weights (SWA) with statistics of their own |
| `mnist-npz` | images from NumPy, Adagrad |
| `fashion-cnn` | augmentation, label smoothing, an average of the weights (EMA), AdamW |
| `fashion-from-mnist` | fine-tuning: weights of another run, frozen convolutions |
| `kmnist-cnn` | rotation and cutout, a rate that drops on a plateau |
| `own-images` | a folder of class folders, class weights, images put aside to choose by and to test on |
| `ioffe2015` | the network of the batch norm paper, layer by layer |
| `resnet20` | CIFAR-10, crops and flips, momentum, warm-up and cosine |
| `cifar100-large-batch` | CIFAR-100, gradients accumulated over eight batches, a step schedule |
)";

std::string layers_as_markdown() {
  std::string text =
      "\n## Layers\n\nA network layer by layer is a list of tables, each with its `type`. Where "
      "the "
      "last one is no\n`dense`, one with an output for each class follows. `model.width` "
      "multiplies "
      "filters and units of\nall but the last layer; `model.batch_norm = false` leaves the "
      "`batch_norm` layers out.\n\n```toml\n[[model.layers]]\ntype = \"conv2d\"\nfilters = 32\n"
      "kernel = 5\npadding = \"same\"\nbias = false\n\n[[model.layers]]\ntype = \"batch_norm\"\n\n"
      "[[model.layers]]\ntype = \"relu\"\n```\n\n| type | options |\n|---|---|\n";
  for (const LayerType& layer : layer_types()) {
    std::string options;
    for (const LayerOptionInfo& option : layer.options)
      options += fmt::format("{}`{}`: {}", options.empty() ? "" : "<br>", option.key, option.what);
    text += fmt::format("| `{}` | {} |\n", layer.type, options);
  }
  return text;
}

}  // namespace

std::string schema_toml() {
  std::string text;
  std::string section;
  const Recipe usual;
  for_each_field(usual, [&](const RecipeField& field, const auto& member) {
    if (section != section_of(field)) {
      section = section_of(field);
      text += fmt::format("{}[{}]\n", text.empty() ? "" : "\n", section);
    }
    const std::optional<SettingValue> value = value_of(member);
    text += fmt::format("# {}. A {}.\n{}{} = {}\n", what_of(field), kind(member), value ? "" : "# ",
                        name_in_section(field), value ? to_toml(*value) : "...");
  });
  return text;
}

std::string schema_json() {
  Json sections = Json::object();
  const Recipe usual;
  for_each_field(usual, [&](const RecipeField& field, const auto& member) {
    Json& section = sections[section_of(field)];
    section["type"] = "object";
    section["additionalProperties"] = false;
    Json property = type_of(kind(member));
    property["description"] = what_of(field);
    if (!field.names.empty()) property["enum"] = names_as_json(field.names);
    if constexpr (std::is_arithmetic_v<std::decay_t<decltype(member)>>)
      property["default"] = member;
    if constexpr (std::is_same_v<std::decay_t<decltype(member)>, std::string>)
      property["default"] = member;
    section["properties"][name_in_section(field)] = property;
  });
  const Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "evenkeel recipe"},
                       {"type", "object"},
                       {"additionalProperties", false},
                       {"properties", sections}};
  return schema.dump(2) + "\n";
}

std::string schema_markdown() {
  std::string text = kIntroduction;
  std::string section;
  const Recipe usual;
  for_each_field(usual, [&](const RecipeField& field, const auto& member) {
    if (section != section_of(field)) {
      section = section_of(field);
      text += fmt::format(
          "\n## [{}]\n\n| key | is a | default | flag | what |\n|---|---|---|---|---|\n", section);
    }
    const std::optional<SettingValue> value = value_of(member);
    const std::string flag = field.flag.empty() ? "" : fmt::format("`{}`", field.flag);
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", name_in_section(field), kind(member),
                        value ? "`" + to_toml(*value) + "`" : "none", flag, what_of(field));
  });
  return text + layers_as_markdown();
}

}  // namespace evenkeel
