// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/formats/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "evenkeel/base/error.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

using test::ByteVector;
using test::read_bytes;
using test::TemporaryFolder;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Sample {
  Tensor kernel = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  Tensor bias = Tensor::of<float>({3}, {-1, 0, 1});
  Tensor precise = Tensor::of<double>({1}, {0.1});
  Tensor step = Tensor::of<std::int64_t>({}, {858});
  Tensor bytes = Tensor::of<std::uint8_t>({5}, {1, 2, 3, 4, 5});
  Tensor nothing = Tensor::of<std::int32_t>({0, 7}, {});
  Tensor half{DType::bf16, {3}};
  Tensor flags{DType::boolean, {2}};

  TensorViews views() const {
    return {{"dense/kernel", kernel}, {"dense/bias", bias}, {"precise", precise},
            {"state/step", step},     {"bytes", bytes},     {"nothing", nothing},
            {"half", half},           {"flags", flags}};
  }
};

TEST(Safetensors, reads_back_every_dtype_shape_name_and_text) {
  const TemporaryFolder folder;
  const Sample sample;
  const Metadata metadata = {{"format", "evenkeel"}, {"graph", "line 1\nline \"2\" \u00e9"}};
  write_safetensors(folder / "file", sample.views(), metadata, {.checksums = false});
  const SafetensorsFile file = SafetensorsFile::read(folder / "file");
  EXPECT_EQ(file.metadata, metadata);
  EXPECT_EQ(file.tensors.size(), 8U);
  for (const auto& [name, view] : sample.views()) {
    EXPECT_EQ(file.tensor(name).dtype, view.dtype) << name;
    EXPECT_EQ(file.tensor(name).shape, view.shape) << name;
    EXPECT_TRUE(std::ranges::equal(file.tensor(name).bytes, view.bytes)) << name;
  }
}

TEST(Safetensors, orders_data_by_element_size_and_then_by_name) {
  const Sample sample;
  const auto file = SafetensorsFile::parse(serialize_safetensors(sample.views()), "file");
  // `nothing` takes no bytes, so it sorts before the tensor that begins where it does.
  EXPECT_THAT(file.names, ElementsAre("precise", "state/step", "dense/bias", "dense/kernel",
                                      "nothing", "half", "bytes", "flags"));
}

TEST(Safetensors, pads_the_header_to_8_bytes) {
  for (const std::string name : {"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg"}) {
    const Sample sample;
    const auto bytes = serialize_safetensors({{name, sample.bias}});
    EXPECT_EQ(std::to_integer<int>(bytes[0]) % 8, 0);
    EXPECT_EQ(bytes.size() % 8, sample.bias.bytes.size() % 8);
  }
}

TEST(Safetensors, writes_equal_bytes_for_equal_input_and_after_reading) {
  const TemporaryFolder folder;
  const Sample sample;
  const Metadata metadata = {{"b", "2"}, {"a", "1"}};
  const auto bytes = serialize_safetensors(sample.views(), metadata);
  EXPECT_EQ(serialize_safetensors(Sample().views(), metadata), bytes);
  write_safetensors(folder / "file", sample.views(), metadata);
  EXPECT_EQ(read_bytes(folder / "file"), bytes);

  const auto file = SafetensorsFile::read(folder / "file");
  TensorViews views;
  for (const auto& [name, tensor] : file.tensors) views.emplace(name, tensor);
  EXPECT_EQ(serialize_safetensors(views, file.metadata), bytes);
}

TEST(Safetensors, an_empty_file_holds_no_tensors) {
  const auto bytes = serialize_safetensors({});
  EXPECT_EQ(bytes.size(), 16U);
  EXPECT_TRUE(SafetensorsFile::parse(bytes, "file").tensors.empty());
}

TEST(Safetensors, refuses_to_write_what_does_not_fit) {
  const Sample sample;
  const TensorView wrong(DType::f32, Shape({4}), sample.bias.bytes);
  const TensorView dynamic(DType::f32, Shape({kBatch, 3}), sample.bias.bytes);
  EXPECT_THROW(serialize_safetensors({{"wrong", wrong}}), InvalidArgument);
  EXPECT_THROW(serialize_safetensors({{"dynamic", dynamic}}), InvalidArgument);
  EXPECT_THROW(serialize_safetensors({{"__metadata__", sample.bias}}), InvalidArgument);
  EXPECT_THROW(serialize_safetensors({{"\xff", sample.bias}}), InvalidArgument);
  EXPECT_THROW(serialize_safetensors({}, {{"key", "\xff"}}), InvalidArgument);
}

TEST(Safetensors, suggests_the_nearest_tensor_for_one_that_is_missing) {
  const Sample sample;
  const auto file = SafetensorsFile::parse(serialize_safetensors(sample.views()), "a/file");
  try {
    file.tensor("dense/kernal");
    FAIL();
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("[a/file]"), HasSubstr("'dense/kernal'"),
                                    HasSubstr("did you mean 'dense/kernel'")));
  }
  EXPECT_THROW(file.metadata_value("graph"), DataError);
}

// A checksum the caller got from an old file must not survive into a new one.
TEST(Safetensors, in_two_parts_holds_what_the_tensors_were_at_the_first) {
  const TemporaryFolder folder;
  Sample sample;
  // Larger than the blocks it is read back in.
  Tensor large(DType::f32, {300'001});
  for (std::size_t i = 0; i < large.bytes.size(); ++i) large.bytes[i] = std::byte(i * i);
  TensorViews views = sample.views();
  views["large"] = large;
  const Metadata metadata = {{"graph", "text"}, {"checksum/bias", "stale"}};
  for (const bool checksums : {true, false}) {
    const ByteVector expected = serialize_safetensors(views, metadata, {checksums});
    const auto before = sample.bias.bytes;
    StagedSafetensors staged(folder / "file", views, metadata, {checksums});
    sample.bias.bytes[0] ^= std::byte{1};
    EXPECT_FALSE(std::filesystem::exists(folder / "file"));
    staged.finish();
    sample.bias.bytes = before;
    EXPECT_TRUE(read_bytes(folder / "file") == expected);
    verify_checksums(SafetensorsFile::read(folder / "file"));
    std::filesystem::remove(folder / "file");
  }
}

TEST(Checksums, are_made_anew_and_stale_ones_dropped) {
  const Sample sample;
  const Metadata stale = {{"checksum/bias", "00000000"}, {"checksum/gone", "00000000"}};
  const auto with =
      SafetensorsFile::parse(serialize_safetensors({{"bias", sample.bias}}, stale), "");
  EXPECT_EQ(with.metadata.size(), 1U);
  EXPECT_EQ(with.metadata_value("checksum/bias").size(), 8U);
  EXPECT_NO_THROW(verify_checksums(with));
  const auto without = SafetensorsFile::parse(
      serialize_safetensors({{"bias", sample.bias}}, stale, {.checksums = false}), "");
  EXPECT_TRUE(without.metadata.empty());
  EXPECT_NO_THROW(verify_checksums(without)) << "a file without checksums passes";
}

TEST(Checksums, name_the_tensor_whose_bytes_changed) {
  const Sample sample;
  const auto whole = serialize_safetensors({{"dense/bias", sample.bias}, {"other", sample.kernel}});
  for (std::size_t at = whole.size() - 36; at < whole.size(); ++at) {
    ByteVector changed = whole;
    changed[at] ^= std::byte{1};
    const auto file = SafetensorsFile::parse(changed, "run/step.safetensors");
    const std::string name = at < whole.size() - 24 ? "'dense/bias'" : "'other'";
    try {
      verify_checksums(file);
      ADD_FAILURE() << "byte " << at << " was changed unseen";
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("[run/step.safetensors]"), HasSubstr(name)));
    }
  }
}

TEST(Checksums, refuse_a_malformed_one_and_one_without_its_tensor) {
  const Sample sample;
  auto file = SafetensorsFile::parse(serialize_safetensors({{"bias", sample.bias}}), "file");
  const std::string good = file.metadata_value("checksum/bias");
  for (const std::string& text :
       {std::string(), good.substr(1), "0" + good, std::string("zzzzzzzz"), "+" + good.substr(1)}) {
    file.metadata["checksum/bias"] = text;
    EXPECT_THROW(verify_checksums(file), DataError) << text;
  }
  file.metadata["checksum/bias"] = good;
  file.metadata["checksum/gone"] = good;
  EXPECT_THROW(verify_checksums(file), DataError);
}

}  // namespace
}  // namespace evenkeel
