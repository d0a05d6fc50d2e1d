// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/cli/data_verify.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/data/verify.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;

DatasetOptions options_of(const DataArguments& arguments) {
  DatasetOptions options;
  options.directory = arguments.data_dir;
  options.skip_bad = arguments.skip_bad;
  return options;
}

int list_sets(const DataArguments& arguments) {
  using Align = TextTable::Align;
  TextTable table({{"name", Align::left}, {"found in", Align::left}, {"what", Align::left}});
  for (const datasets::Listing& set : datasets::list(options_of(arguments))) {
    if (arguments.json) {
      std::cout << Json{{"event", "data"},
                        {"name", set.name},
                        {"description", set.description},
                        {"found_in", set.found_in.empty() ? Json() : Json(set.found_in.string())}}
                       .dump()
                << "\n";
    }
    table.add(
        {set.name, set.found_in.empty() ? "nowhere" : set.found_in.string(), set.description});
  }
  if (!arguments.json) std::cout << table.text();
  return kDone;
}

int fetch_set(const DataArguments& arguments) {
  const std::string name = arguments.name.empty() ? "mnist" : arguments.name;
  const std::string folder = datasets::fetch(name, options_of(arguments)).string();
  if (arguments.json)
    std::cout << Json{{"event", "fetched"}, {"name", name}, {"found_in", folder}}.dump() << "\n";
  else
    std::cout << name << " is in " << folder << "\n";
  return kDone;
}

std::vector<std::string> sets_to_verify(const DataArguments& arguments) {
  if (!arguments.name.empty()) return {arguments.name};
  std::vector<std::string> sets;
  for (const datasets::Listing& set : datasets::list(options_of(arguments)))
    if (!set.found_in.empty()) sets.push_back(set.name);
  if (sets.empty())
    throw DataError("data",
                    "expected a data set to verify, none is on this machine; "
                    "'evenkeel data fetch mnist' gets one");
  return sets;
}

int verify_sets(const DataArguments& arguments) {
  std::int64_t files = 0;
  std::int64_t wrong = 0;
  for (const std::string& name : sets_to_verify(arguments)) {
    const datasets::SetReport report = datasets::verify(name, options_of(arguments));
    if (arguments.json)
      print_report_json(report);
    else
      print_report(report);
    const auto bad = std::count_if(report.files.begin(), report.files.end(),
                                   [](const auto& file) { return !file.good(); });
    files += bad;
    wrong += report.wrong() - bad;
  }
  if (files > 0)
    throw DataError("data", std::to_string(files) + (files == 1 ? " file is" : " files are") +
                                " not as expected; remove them and run 'evenkeel data fetch "
                                "NAME', which gets them or says where they are to be had");
  if (wrong > 0)
    throw DataError("data", std::to_string(wrong) + (wrong == 1 ? " thing" : " things") +
                                " to mend before training");
  return kDone;
}

}  // namespace

int run(const DataArguments& arguments) {
  switch (arguments.action) {
    case DataArguments::Action::list:
      return list_sets(arguments);
    case DataArguments::Action::fetch:
      return fetch_set(arguments);
    case DataArguments::Action::verify:
      return verify_sets(arguments);
  }
  return kFailed;
}

}  // namespace evenkeel::cli
