// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/load_trainer.h"
#include "evenkeel/cli/train_settings.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/model/networks.h"
#include "evenkeel/report/doctor_report.h"
#include "evenkeel/report/tables.h"
#include "evenkeel/study/doctor/norm_state.h"
#include "evenkeel/train/run_folder.h"

namespace evenkeel::cli {
namespace {

constexpr const char* kNoData = "none";

// A network's name or a recipe, else a path: what looks like one is never taken for a misspelt
// name.
bool names_network(const std::string& text) {
  const auto names = network_names();
  if (std::find(names.begin(), names.end(), text) != names.end()) return true;
  const std::filesystem::path path = text;
  if (path.extension() == ".toml") return true;
  return !std::filesystem::exists(path) && path.extension() != ".safetensors" &&
         !path.has_parent_path();
}

// Of a folder the newest, damaged or not.
std::filesystem::path file_of(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return path;
  const auto checkpoints = checkpoints_in(path);
  if (checkpoints.empty())
    throw DataError(path.string(), "expected a run's folder, it has no checkpoint");
  return checkpoints.front();
}

// What is asked for is loaded or the command fails; what is only likely, where it is here.
Splits data_for(const DoctorArguments& arguments, const std::string& likely, const Notes& notes) {
  if (arguments.data)
    return *arguments.data == kNoData
               ? Splits{}
               : load_data_of_run(notes, *arguments.data, arguments.data_dir);
  if (likely.empty() || !on_this_machine(likely, arguments.data_dir)) return {};
  return load_data_of_run(notes, likely, arguments.data_dir);
}

Patient network_to_train(const DoctorArguments& arguments, const Dataset& data) {
  TrainArguments typed = arguments.run;
  typed.model = arguments.subject;
  const Recipe settings = resolve(typed, {});
  Patient patient =
      patient_of(model_of(settings, data.size() > 0 ? &data : nullptr), settings.seed);
  patient.loss = loss_of(settings);
  patient.optimizer = optimizer_of(settings);
  patient.schedule = schedule_of(settings);
  patient.batch = settings.batch;
  patient.epochs = settings.epochs;
  return patient;
}

// A checkpoint says how its run is trained, and another library's file has no run.
void require_settled_elsewhere(const TrainArguments& run) {
  const std::pair<const char*, bool> given[] = {
      {"--lr", run.learning_rate.has_value()},
      {"--optimizer", run.optimizer.has_value()},
      {"--adam-form", run.adam_form.has_value()},
      {"--momentum", run.momentum.has_value()},
      {"--nesterov", run.nesterov.has_value()},
      {"--weight-decay", run.weight_decay.has_value()},
      {"--clip-norm", run.clip_norm.has_value()},
      {"--schedule", run.schedule.has_value()},
      {"--schedule-every", run.schedule_every.has_value()},
      {"--schedule-factor", run.schedule_factor.has_value()},
      {"--warm-up", run.warm_up.has_value()},
      {"--loss", run.loss.has_value()},
      {"--statistics-rule", run.statistics_rule.has_value()},
      {"--seed", run.seed.has_value()}};
  for (const auto& [flag, is_given] : given)
    if (is_given)
      throw InvalidArgument(flag,
                            "expected a network's name with it, got a file, whose run has settled "
                            "it; leave it out");
}

std::string title_of(const Patient& patient, const Dataset& data) {
  std::string title = patient.name;
  if (!patient.model)
    title += fmt::format(": no network in it; {} tensors, {} batch norms by their names",
                         with_thousands(std::ssize(patient.state)),
                         doctor::foreign_norm_states(patient.state).size());
  else if (patient.about_to_train)
    title += " before training";
  else
    title += fmt::format(": {} after step {}", patient.model->name(),
                         with_thousands(patient.step.value_or(0)));
  if (data.size() > 0) title += ", on training images of " + data.name();
  return title;
}

}  // namespace

bool fails(const std::vector<Finding>& findings, const std::optional<std::string>& fail_on) {
  if (!fail_on) return false;
  const Severity least = *fail_on == "error" ? Severity::error : Severity::warning;
  return std::any_of(findings.begin(), findings.end(),
                     [&](const Finding& each) { return each.severity >= least; });
}

void require_fail_on(const std::optional<std::string>& fail_on) {
  if (fail_on) require_one_of("--fail-on", *fail_on, {"warn", "error"});
}

void print_findings(std::ostream& out, const std::string& title,
                    const std::vector<Finding>& findings, bool json) {
  if (!json) {
    out << title << "\n\n" << to_text(findings) << (findings.empty() ? "" : "\n");
    out << totals_text(findings) << std::endl;
    return;
  }
  for (const Finding& finding : findings) out << to_json(finding) << "\n";
  nlohmann::ordered_json totals = nlohmann::ordered_json::object();
  totals["event"] = "examined";
  totals["subject"] = title;
  for (const auto severity : {Severity::error, Severity::warning, Severity::info})
    totals[std::string(to_string(severity))] =
        std::count_if(findings.begin(), findings.end(),
                      [&](const Finding& each) { return each.severity == severity; });
  out << totals.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << std::endl;
}

int run(const DoctorArguments& arguments) {
  require_fail_on(arguments.fail_on);
  const Machine machine = machine_of(arguments.threads, arguments.kernels);
  const bool is_network = names_network(arguments.subject);
  Patient patient;
  Splits data;
  if (is_network) {
    network(arguments.subject);  // an unknown name fails before data are read
    data = data_for(arguments, "mnist", {});
    patient = network_to_train(arguments, data.train);
  } else {
    require_settled_elsewhere(arguments.run);
    patient = read_patient(file_of(arguments.subject));
    const auto note = patient.notes.find("data");
    if (patient.model)
      data = data_for(arguments, note == patient.notes.end() ? "" : note->second, patient.notes);
    else if (arguments.data && *arguments.data != kNoData)
      throw InvalidArgument("--data", "expected a checkpoint of evenkeel: " + patient.name +
                                          " holds tensors and no network to run on data");
  }
  std::optional<Patient> before;
  if (!arguments.before.empty()) before = read_patient(file_of(arguments.before));

  ExamineOptions options;
  options.data = data.train;
  options.batch = arguments.run.batch.value_or(0);
  options.epochs = arguments.run.epochs.value_or(0);
  options.threads = machine.threads;
  options.kernels = arguments.kernels.value_or("auto");
  options.math = math_of(arguments.math);
  options.before = before ? &*before : nullptr;
  const auto findings = examine(patient, options);
  print_findings(std::cout, title_of(patient, data.train), findings, arguments.json);
  if (patient.model && data.train.size() == 0)
    notice("without data: --data NAME looks at batch statistics, gradients and dead channels too");
  return fails(findings, arguments.fail_on) ? kFailed : kDone;
}

}  // namespace evenkeel::cli
