// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/base/error.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/model.h"
#include "tests/fuzz/fuzz.h"

using namespace evenkeel;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Graph graph = parse_graph(fuzz::text_of(data, size));
    const std::string text = to_text(graph);
    fuzz::require(to_text(parse_graph(text)) == text);
    try {
      fuzz::require(Model(graph).classes() > 0);
    } catch (const InvalidArgument&) {  // a graph, but no network of images
    }
  } catch (const DataError&) {
  }
  return 0;
}
