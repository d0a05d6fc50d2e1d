// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/cli/common.h"
#include "evenkeel/cli/logged_report.h"
#include "evenkeel/cli/run_report.h"
#include "evenkeel/report/json.h"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;

Json position(const BatchEvent& event) {
  return {{"epoch", event.epoch},
          {"epochs", event.epochs},
          {"batch", event.batch},
          {"batches", event.batches},
          {"step", event.step}};
}

// One object a line on stdout, each with the event and the data set.
class JsonReport : public RunReport {
 public:
  JsonReport(const Recipe& settings, bool quiet) : data_(settings.data.value()), quiet_(quiet) {}

  void started(const RunStart& start) override {
    const Recipe& s = start.settings;
    progress("start", {{"model", s.model},
                       {"train_images", start.train_images},
                       {"validation_images", start.validation_images},
                       {"test_images", start.test_images},
                       {"epochs", s.epochs},
                       {"batch_size", s.batch},
                       {"accumulate", s.accumulate},
                       {"accumulate_batch_norm", s.accumulate_batch_norm},
                       {"batches", start.batches},
                       {"step", start.step},
                       {"learning_rate", s.learning_rate},
                       {"optimizer", s.optimizer},
                       {"adam_form", s.adam_form},
                       {"weight_decay", s.weight_decay},
                       {"schedule", s.schedule},
                       {"loss", s.loss},
                       {"statistics_rule", s.statistics_rule},
                       {"statistics", s.statistics},
                       {"seed", s.seed},
                       {"precision", s.precision},
                       {"kernels", s.kernels},
                       {"math", s.math},
                       {"threads", start.environment.threads},
                       {"instruction_set", start.environment.instruction_set},
                       {"onednn", start.environment.onednn},
                       {"version", start.environment.version},
                       {"folder", start.folder.string()}});
  }

  void initialised(const LoadReport& load, const std::filesystem::path& from) override {
    Json shapes = Json::array();
    for (const LoadReport::OtherShape& each : load.other_shapes) shapes.push_back(each.name);
    progress("initialised", {{"from", from.string()},
                             {"matched", load.matched.size()},
                             {"missing", load.missing},
                             {"other_shapes", shapes},
                             {"unused", load.unused}});
  }

  void step(const BatchEvent&, const Speed&) override {}

  void batch(const BatchEvent& event, const Evaluation& test) override {
    Json json = position(event);
    json.update({{"loss", event.loss}, {"accuracy", test.accuracy}});
    progress("batch", json);
  }

  void validated(const BatchEvent& event, const Evaluation& validation, bool best) override {
    Json json = position(event);
    json.update({{"split", "validation"},
                 {"loss", validation.loss},
                 {"accuracy", validation.accuracy},
                 {"images", validation.images},
                 {"best", best}});
    progress("evaluation", json);
  }

  void epoch(const EpochResult& result) override {
    Json json = position(result.last);
    json.update({{"loss", result.loss},
                 {"accuracy", result.accuracy},
                 {"images_per_second", result.speed.images_per_second}});
    progress("epoch", json);
  }

  void saved(std::int64_t step, const std::filesystem::path& path) override {
    progress("saved", {{"step", step}, {"checkpoint", path.string()}});
  }

  void warning(const std::string& text) override { notice("warning: " + text); }

  void profiled(const Profile& profile) override { std::cout << to_json(profile) << std::endl; }

  void done(const RunDone& done) override {
    Json json;
    if (!done.interrupted && !done.paused) {
      print("evaluation", {{"split", "test"},
                           {"loss", done.test.loss},
                           {"accuracy", done.test.accuracy},
                           {"images", done.test.images},
                           {"step", done.steps}});
      json = {{"loss", done.test.loss}, {"accuracy", done.test.accuracy}};
    }
    json.update({{"steps", done.steps},
                 {"seconds", done.seconds},
                 {"images_per_second", done.speed.images_per_second},
                 {"median_step_seconds", done.step_times.median},
                 {"longest_step_seconds", done.step_times.longest},
                 {"saving_seconds", done.step_times.saving},
                 {"peak_memory_bytes", done.peak_memory_bytes}});
    if (done.seconds_to_first_step >= 0) json["seconds_to_first_step"] = done.seconds_to_first_step;
    json["stopped_early"] = done.stopped_early;
    json["checkpoint"] = done.checkpoint.string();
    if (!done.best.empty()) json["best"] = done.best.string();
    print(done.interrupted ? "interrupted" : done.paused ? "paused" : "done", json);
  }

 private:
  void progress(const char* event, const Json& values) {
    if (!quiet_) print(event, values);
  }
  void print(const char* event, const Json& values) {
    Json json = {{"event", event}, {"data", data_}};
    json.update(values);
    std::cout << json.dump() << std::endl;
  }

  std::string data_;
  bool quiet_;
};

}  // namespace

std::unique_ptr<RunReport> make_json_report(const Recipe& settings, bool quiet) {
  return with_log(std::make_unique<JsonReport>(settings, quiet), settings);
}

}  // namespace evenkeel::cli
