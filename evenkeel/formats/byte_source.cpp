// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/byte_source.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>

#include "evenkeel/base/error.h"

namespace evenkeel {

ByteSource file_source(const std::filesystem::path& path) {
  // Before it is opened: to open a named pipe is to wait for its writer.
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw DataError(path.string(), "expected a readable file" +
                                       (error ? ", the system says: " + error.message()
                                              : std::string(", got none or a special one")));
  auto file = std::make_shared<std::ifstream>(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = *file ? std::streamoff(file->tellg()) : -1;
  if (size < 0) throw DataError(path.string(), "expected a readable file; check its permissions");
  const auto read = [file, path](std::uint64_t offset, std::span<std::byte> into) {
    file->clear();
    file->seekg(static_cast<std::streamoff>(offset));
    file->read(reinterpret_cast<char*>(into.data()), static_cast<std::streamsize>(into.size()));
    if (!*file) throw DataError(path.string(), "reading failed, or the file was cut meanwhile");
  };
  return {static_cast<std::uint64_t>(size), read};
}

ByteSource memory_source(std::span<const std::byte> bytes) {
  return {bytes.size(), [bytes](std::uint64_t offset, std::span<std::byte> into) {
            const auto part = bytes.subspan(offset, into.size());
            std::copy(part.begin(), part.end(), into.begin());
          }};
}

}  // namespace evenkeel
