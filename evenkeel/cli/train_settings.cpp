// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/train_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/optimizer_settings.h"
#include "evenkeel/cli/statistics_setting.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/model/networks.h"

namespace evenkeel::cli {
namespace {

// May a resumed run change it?
enum class Resumed { keeps, may_change };

void parse_note(const std::string&, const std::string& text, std::string& value) { value = text; }
void parse_note(const std::string&, const std::string& text, std::optional<std::string>& value) {
  value = text;
}
void parse_note(const std::string&, const std::string& text, bool& value) {
  value = text == "true";
}
template <typename Number>
void parse_note(const std::string& key, const std::string& text, Number& value) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || at != end)
    throw DataError("notes of the checkpoint",
                    "expected a number as " + key + ", got '" + text + "'");
}

std::string flag_of(std::string key) {
  if (key == "model") return key;
  std::replace(key.begin(), key.end(), '_', '-');
  return "--" + key;
}

class Resolver {
 public:
  explicit Resolver(const Notes& before) : before_(before) {}

  // The default is in `value` already.
  template <typename T, typename Value>
  void take(const std::string& key, const std::optional<T>& given, Value& value, Resumed resumed) {
    const auto note = before_.find(key);
    if (note != before_.end()) parse_note(key, note->second, value);
    if (!given) return;
    if (note != before_.end() && resumed == Resumed::keeps && value != Value(*given)) {
      throw InvalidArgument(flag_of(key),
                            fmt::format("expected {}, with which the run was trained so far, "
                                        "got {}; leave it out, or start a new run",
                                        note->second, *given));
    }
    value = *given;
  }

 private:
  const Notes& before_;
};

void require_number(const char* flag, double value, bool good, const char* expected) {
  if (!std::isfinite(value) || !good)
    throw InvalidArgument(flag, fmt::format("expected {}, got {}", expected, value));
}

void check(const TrainSettings& s) {
  if (s.data) require_one_of("--data", *s.data, datasets::names());
  require_one_of("--adam-form", s.adam_form, {"tensorflow", "pytorch"});
  require_one_of("--statistics-rule", s.statistics_rule, {"count-weighted", "tensorflow"});
  require_one_of("--math", s.math, {"strict", "fast"});
  require_one_of("--precision", s.precision, {"f32", "f64"});
  require_number("--lr", s.learning_rate, s.learning_rate > 0, "a finite number above 0");
  require_number("--momentum", s.momentum, s.momentum >= 0 && s.momentum < 1,
                 "a number of at least 0 and below 1");
  require_number("--weight-decay", s.weight_decay, s.weight_decay >= 0,
                 "a finite number of at least 0");
  require_number("--clip-norm", s.clip_norm, s.clip_norm >= 0, "a finite number of at least 0");
  require_number("--schedule-factor", s.schedule_factor,
                 s.schedule_factor > 0 && s.schedule_factor <= 1, "a number above 0, at most 1");
  optimizer_of(s);
  schedule_of(s);
  loss_of(s);
}

// What was typed and would change nothing.
void require_effect(const TrainArguments& arguments, const TrainSettings& settings) {
  const auto refuse = [](const char* flag, const std::string& with, const std::string& got) {
    throw InvalidArgument(flag, "expected " + with + " with it, got " + got + "; leave it out");
  };
  if (settings.schedule != "step") {
    if (arguments.schedule_every) refuse("--schedule-every", "--schedule step", settings.schedule);
    if (arguments.schedule_factor)
      refuse("--schedule-factor", "--schedule step", settings.schedule);
  }
  if (arguments.adam_form && !settings.optimizer.starts_with("adam"))
    refuse("--adam-form", "--optimizer adam or adamw", settings.optimizer);
}

}  // namespace

TrainSettings usual_settings(const std::string& model) {
  TrainSettings settings;
  settings.model = model;
  if (model == "mnist-99") {
    settings.epochs = 2;
    settings.batch = 64;
    settings.learning_rate = 0.01;
    settings.schedule = "one-cycle";
    settings.log_every = 0;
    settings.eval_every = 0;
  }
  return settings;
}

TrainSettings resolve(const TrainArguments& arguments, const Notes& before) {
  std::string model = TrainSettings{}.model;
  Resolver resolver(before);
  resolver.take("model", arguments.model, model, Resumed::keeps);
  const TrainSettings usual = usual_settings(model);
  TrainSettings settings = usual;
  resolver.take("data", arguments.data, settings.data, Resumed::keeps);
  settings.data_fallback = before.count("data_fallback") > 0;
  resolver.take("batch", arguments.batch, settings.batch, Resumed::keeps);
  resolver.take("seed", arguments.seed, settings.seed, Resumed::keeps);
  resolver.take("optimizer", arguments.optimizer, settings.optimizer, Resumed::keeps);
  resolver.take("adam_form", arguments.adam_form, settings.adam_form, Resumed::keeps);
  resolver.take("momentum", arguments.momentum, settings.momentum, Resumed::keeps);
  resolver.take("nesterov", arguments.nesterov, settings.nesterov, Resumed::keeps);
  if (settings.optimizer != usual.optimizer) {
    settings.learning_rate = default_learning_rate(settings.optimizer);
    settings.weight_decay = default_weight_decay(settings.optimizer);
  }
  resolver.take("weight_decay", arguments.weight_decay, settings.weight_decay, Resumed::keeps);
  resolver.take("clip_norm", arguments.clip_norm, settings.clip_norm, Resumed::keeps);
  resolver.take("schedule", arguments.schedule, settings.schedule, Resumed::keeps);
  resolver.take("schedule_every", arguments.schedule_every, settings.schedule_every,
                Resumed::keeps);
  resolver.take("schedule_factor", arguments.schedule_factor, settings.schedule_factor,
                Resumed::keeps);
  resolver.take("warm_up", arguments.warm_up, settings.warm_up, Resumed::keeps);
  resolver.take("loss", arguments.loss, settings.loss, Resumed::keeps);
  resolver.take("statistics_rule", arguments.statistics_rule, settings.statistics_rule,
                Resumed::keeps);
  resolver.take("statistics", arguments.statistics, settings.statistics, Resumed::may_change);
  settings.statistics = statistics_text(parse_statistics(settings.statistics));
  resolver.take("precision", arguments.precision, settings.precision, Resumed::keeps);
  resolver.take("epochs", arguments.epochs, settings.epochs, Resumed::may_change);
  resolver.take("learning_rate", arguments.learning_rate, settings.learning_rate,
                Resumed::may_change);
  resolver.take("kernels", arguments.kernels, settings.kernels, Resumed::may_change);
  resolver.take("isa", arguments.isa, settings.isa, Resumed::may_change);
  resolver.take("math", arguments.math, settings.math, Resumed::may_change);
  settings.log_every = arguments.log_every.value_or(settings.log_every);
  settings.eval_every = arguments.eval_every.value_or(settings.eval_every);
  check(settings);
  require_effect(arguments, settings);
  return settings;
}

Notes notes_of(const TrainSettings& settings) {
  Notes notes = {{"model", settings.model},
                 {"epochs", fmt::format("{}", settings.epochs)},
                 {"batch", fmt::format("{}", settings.batch)},
                 {"learning_rate", fmt::format("{}", settings.learning_rate)},
                 {"optimizer", settings.optimizer},
                 {"adam_form", settings.adam_form},
                 {"momentum", fmt::format("{}", settings.momentum)},
                 {"nesterov", fmt::format("{}", settings.nesterov)},
                 {"weight_decay", fmt::format("{}", settings.weight_decay)},
                 {"clip_norm", fmt::format("{}", settings.clip_norm)},
                 {"schedule", settings.schedule},
                 {"schedule_every", fmt::format("{}", settings.schedule_every)},
                 {"schedule_factor", fmt::format("{}", settings.schedule_factor)},
                 {"warm_up", fmt::format("{}", settings.warm_up)},
                 {"loss", settings.loss},
                 {"statistics_rule", settings.statistics_rule},
                 {"statistics", settings.statistics},
                 {"seed", fmt::format("{}", settings.seed)},
                 {"precision", settings.precision},
                 {"kernels", settings.kernels},
                 {"isa", settings.isa},
                 {"math", settings.math}};
  if (settings.data) notes["data"] = *settings.data;
  if (settings.data_fallback) notes["data_fallback"] = "mnist was found nowhere";
  return notes;
}

Model model_of(const TrainSettings& settings, const Dataset* data) {
  Model model =
      data == nullptr
          ? network(settings.model)
          : network(settings.model,
                    image(data->image_shape()[0], data->image_shape()[1], data->image_shape()[2])
                        .scale(1 / 255.0),
                    data->classes());
  if (settings.statistics_rule == "count-weighted") return model;
  return Model(rewrite(
      model.graph(), [](Graph& to, const Graph& from, NodeId id, const std::vector<Value>& inputs) {
        const auto* batch_norm = std::get_if<BatchNorm>(&from.node(id).op);
        if (batch_norm == nullptr) return keep(to, from, id, inputs);
        BatchNorm plain = *batch_norm;
        plain.count_weighted = false;
        return std::vector<Value>{to.add(plain, inputs, from.node(id).name)};
      }));
}

}  // namespace evenkeel::cli
