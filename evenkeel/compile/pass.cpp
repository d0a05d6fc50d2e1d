// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/compile/pass.h"

#include <chrono>
#include <filesystem>
#include <fstream>

#include "evenkeel/base/error.h"
#include "evenkeel/graph/text.h"

namespace evenkeel {

PassRunner::PassRunner(Graph graph, Level level, PassOptions options, std::string run)
    : graph_(std::move(graph)), level_(level), options_(std::move(options)), run_(std::move(run)) {
  verify(graph_, level_);
  dump("built");
}

void PassRunner::run(std::string_view name, const std::function<Graph(const Graph&)>& pass) {
  if (options_.disabled.count(std::string(name)) == 0) require(name, pass);
}

void PassRunner::require(std::string_view name, const std::function<Graph(const Graph&)>& pass) {
  const auto start = std::chrono::steady_clock::now();
  Graph result = pass(graph_);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  verify(result, level_);
  const bool changed = !(result == graph_);
  records_.push_back(
      {std::string(name), graph_.nodes().size(), result.nodes().size(), changed, elapsed.count()});
  graph_ = std::move(result);
  if (changed) dump(name);
}

void PassRunner::dump(std::string_view name) const {
  if (options_.dump_directory.empty()) return;
  const std::string number = std::to_string(records_.size());
  const std::filesystem::path folder = options_.dump_directory;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::filesystem::path path =
      folder / (graph_.name() + "-" + run_ + "-" +
                std::string(2 - std::min<std::size_t>(2, number.size()), '0') + number + "-" +
                std::string(name) + ".txt");
  std::ofstream file(path);
  file << to_text(graph_);
  if (!file)
    throw RuntimeFailure(path.string(),
                         "expected to write the dumped graph here; check the folder");
}

}  // namespace evenkeel
