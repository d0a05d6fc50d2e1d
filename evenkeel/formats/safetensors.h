// SPDX-License-Identifier: Apache-2.0
// safetensors (github.com/huggingface/safetensors): 8 bytes little-endian header length, a JSON
// header {"__metadata__": {str: str}, name: {"dtype", "shape", "data_offsets": [begin, end]}},
// then the tensors' bytes without a gap. F32, F64, BF16, U8, I32, I64 and BOOL are read.
#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "evenkeel/base/dtype.h"
#include "evenkeel/base/export.h"
#include "evenkeel/base/shape.h"
#include "evenkeel/base/tensor.h"

namespace evenkeel {

using Metadata = std::map<std::string, std::string>;

// Metadata key of a tensor's CRC-32 (8 hex digits) is this followed by the tensor's name.
inline constexpr std::string_view kChecksumPrefix = "checksum/";

// A tensor to be written, wherever its bytes live.
struct TensorView {
  DType dtype = DType::f32;
  Shape shape;
  std::span<const std::byte> bytes;

  TensorView() = default;
  TensorView(DType type, Shape extents, std::span<const std::byte> content)
      : dtype(type), shape(std::move(extents)), bytes(content) {}
  TensorView(const Tensor& tensor)  // NOLINT: a tensor is its own view
      : dtype(tensor.dtype), shape(tensor.shape), bytes(tensor.bytes) {}
  TensorView(Tensor&&) = delete;  // its bytes would be gone before the write
};
using TensorViews = std::map<std::string, TensorView>;

// A file read whole and checked. Every fault is a DataError that names the file and the reason;
// nothing is allocated on the word of a header that the file's size does not bear out.
struct EVENKEEL_API SafetensorsFile {
  std::string where;               // for error texts: the path as given
  std::vector<std::string> names;  // in the order of the data
  std::map<std::string, Tensor> tensors;
  Metadata metadata;

  static SafetensorsFile read(const std::filesystem::path& path);
  static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& where);

  bool contains(const std::string& name) const { return tensors.contains(name); }
  // DataError naming the file, and the nearest name, when there is no such tensor or key.
  const Tensor& tensor(const std::string& name) const;
  const std::string& metadata_value(const std::string& key) const;
};

struct SafetensorsOptions {
  bool checksums = true;  // a CRC-32 per tensor in the metadata; stale ones given are replaced
};

// Equal input gives equal bytes: header keys sorted, header padded with spaces to 8 bytes, data by
// element size (largest first, so that each tensor is aligned) and then by name.
// InvalidArgument when a tensor's bytes do not fit its shape, or a text is not UTF-8.
EVENKEEL_API std::vector<std::byte> serialize_safetensors(const TensorViews& tensors,
                                                          const Metadata& metadata = {},
                                                          const SafetensorsOptions& options = {});
// The same bytes to a file, whole or not at all, by os::StagedFile.
EVENKEEL_API void write_safetensors(const std::filesystem::path& path, const TensorViews& tensors,
                                    const Metadata& metadata = {},
                                    const SafetensorsOptions& options = {});

// The same in two parts: the constructor copies the tensors, which may change from then on;
// finish() does the rest, from any thread, once. The copy lies in the system's file cache: it takes
// no memory of the process, and at the speed of memory where the file system is a local one.
class EVENKEEL_API StagedSafetensors {
 public:
  StagedSafetensors(const std::filesystem::path& path, const TensorViews& tensors,
                    Metadata metadata = {}, const SafetensorsOptions& options = {});
  ~StagedSafetensors();  // what was not finished is gone
  StagedSafetensors(StagedSafetensors&& other) noexcept;

  // Reads the tensors back for their checksums, writes the header, syncs and renames.
  void finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// What is wrong with a tensor that has another CRC-32 than the file states, or is not there.
struct ChecksumFault {
  std::string tensor;
  std::string text;
};
// In the order of the tensors' names. A file, or a tensor, without a checksum has no fault.
EVENKEEL_API std::vector<ChecksumFault> checksum_faults(const SafetensorsFile& file);
// DataError with the first of them.
EVENKEEL_API void verify_checksums(const SafetensorsFile& file);

}  // namespace evenkeel
