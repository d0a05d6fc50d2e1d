// SPDX-License-Identifier: Apache-2.0
// The runner of all passes: it names, times, disables, dumps and verifies each of them.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "evenkeel/base/math.h"
#include "evenkeel/base/weights.h"
#include "evenkeel/graph/graph.h"
#include "evenkeel/graph/verify.h"

namespace evenkeel {

struct PassRecord {
  std::string name;
  std::size_t nodes_before = 0;
  std::size_t nodes_after = 0;
  bool changed = false;
  double seconds = 0;
};

struct PassOptions {
  // Only passes that make a plan better can be left out; compiling refuses other names.
  std::set<std::string> disabled = {};
  // Folder for "GRAPH-RUN-NN-PASS.txt" after each pass that changed the graph; empty: none.
  std::string dump_directory = {};
  Math math = Math::fast;
  Weights weights = Weights::f32;  // of inference
};

class PassRunner {
 public:
  // `run` tells what is compiled, such as "training-128", in the names of dumps.
  PassRunner(Graph graph, Level level, PassOptions options, std::string run);

  // Replaces the graph by pass(graph), and verifies it at the level.
  void require(std::string_view name, const std::function<Graph(const Graph&)>& pass);
  // The same, unless the pass is disabled.
  void run(std::string_view name, const std::function<Graph(const Graph&)>& pass);
  // From here on the graph must satisfy another level.
  void expect(Level level) { level_ = level; }

  const Graph& graph() const { return graph_; }
  const std::vector<PassRecord>& records() const { return records_; }

 private:
  void dump(std::string_view name) const;

  Graph graph_;
  Level level_;
  PassOptions options_;
  std::string run_;
  std::vector<PassRecord> records_;
};

}  // namespace evenkeel
