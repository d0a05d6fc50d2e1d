// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <nlohmann/json.hpp>

#include "evenkeel/base/error.h"
#include "evenkeel/cli/commands.h"
#include "evenkeel/cli/common.h"
#include "evenkeel/data/registry.h"
#include "evenkeel/report/tables.h"

namespace evenkeel::cli {
namespace {

using Json = nlohmann::ordered_json;

DatasetOptions options_of(const DataArguments& arguments) {
  DatasetOptions options;
  options.directory = arguments.data_dir;
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

// How many files of the set are not as they should be.
int verify_set(const std::string& name, const DataArguments& arguments) {
  int bad = 0;
  for (const datasets::FileReport& file : datasets::verify(name, options_of(arguments))) {
    bad += file.good() ? 0 : 1;
    if (arguments.json) {
      std::cout << Json{{"event", "verified"},        {"name", name},
                        {"path", file.path.string()}, {"good", file.good()},
                        {"sha256", file.sha256},      {"problem", file.problem}}
                       .dump()
                << "\n";
    } else {
      std::cout << (file.good() ? "good  " : "BAD   ") << file.path.string()
                << (file.good() ? "" : ": " + file.problem) << "\n";
    }
  }
  return bad;
}

int verify_sets(const DataArguments& arguments) {
  std::vector<std::string> sets;
  if (!arguments.name.empty()) {
    sets = {arguments.name};
  } else {
    for (const datasets::Listing& set : datasets::list(options_of(arguments)))
      if (!set.found_in.empty()) sets.push_back(set.name);
    if (sets.empty())
      throw DataError("data",
                      "expected a data set to verify, none is on this machine; "
                      "'evenkeel data fetch mnist' gets one");
  }
  int bad = 0;
  for (const std::string& name : sets) bad += verify_set(name, arguments);
  if (bad == 0) return kDone;
  throw DataError("data", std::to_string(bad) + (bad == 1 ? " file is" : " files are") +
                              " not as expected; remove them and run 'evenkeel data fetch NAME'");
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
