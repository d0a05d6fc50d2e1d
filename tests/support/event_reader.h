// SPDX-License-Identifier: Apache-2.0
// Reads event files back from the descriptions of their formats alone: nothing here is the
// library's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace evenkeel::test {

struct ReadHistogram {
  double min = 0;
  double max = 0;
  double count = 0;
  double sum = 0;
  double sum_of_squares = 0;
  std::vector<double> limits;
  std::vector<double> buckets;
};

struct ReadEvent {
  double wall_time = 0;
  std::int64_t step = 0;
  std::string file_version;
  int session_status = 0;  // 1: START
  std::map<std::string, float> scalars;
  std::map<std::string, ReadHistogram> histograms;
};

struct ReadEvents {
  std::vector<ReadEvent> events;
  std::size_t bytes = 0;  // of whole records, from the file's begin; what is behind them is torn
};

// Throws std::runtime_error for a checksum or a field that is not as it must be.
ReadEvents read_events(std::span<const std::byte> bytes);
// The events of a folder's files in the order of their names.
std::vector<ReadEvent> read_events_in(const std::filesystem::path& folder);
std::vector<std::filesystem::path> event_files_in(const std::filesystem::path& folder);

}  // namespace evenkeel::test
