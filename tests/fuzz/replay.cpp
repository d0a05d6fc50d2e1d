// SPDX-License-Identifier: Apache-2.0
// Feeds a fuzzer every file of a corpus, whole and cut short, where there is no libFuzzer.
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

// From a block of its exact size, so that the address sanitizer sees a read past its end.
void run(const std::vector<std::uint8_t>& bytes, std::size_t size) {
  const std::vector<std::uint8_t> part(bytes.begin(),
                                       bytes.begin() + static_cast<std::ptrdiff_t>(size));
  LLVMFuzzerTestOneInput(part.data(), part.size());
}

int replay(const std::filesystem::path& corpus) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    std::cout << entry.path().string() << std::endl;
    std::ifstream stream(entry.path(), std::ios::binary);
    const std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(stream), {}};
    run(bytes, bytes.size());
    constexpr std::size_t kCuts = 256;
    for (std::size_t cut = 0; cut < kCuts; ++cut) run(bytes, bytes.size() * cut / kCuts);
    ++files;
  }
  std::cout << files << " files" << std::endl;
  return files > 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << " CORPUS" << std::endl;
    return 2;
  }
  try {
    return replay(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
