// SPDX-License-Identifier: Apache-2.0
// A checkpoint whose network asks for more memory than the file has bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "evenkeel/base/error.h"
#include "evenkeel/formats/safetensors.h"
#include "evenkeel/graph/text.h"
#include "evenkeel/model/sequential.h"
#include "evenkeel/train/checkpoint.h"
#include "evenkeel/train/predictor.h"
#include "evenkeel/train/trainer.h"
#include "tests/support/idx_files.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

void replace(std::string& text, const std::string& from, const std::string& to) {
  ASSERT_NE(text.find(from), std::string::npos) << text;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

class CheckpointSizes : public ::testing::Test {
 protected:
  CheckpointSizes() {
    Trainer trainer(Sequential("tiny", image(2, 2, 1)).flatten().dense(2).build(),
                    softmax_cross_entropy(), Adam{}, {.threads = 1});
    trainer.save(path_);
  }

  void write(const SafetensorsFile& file) {
    TensorViews views;
    for (const auto& [name, tensor] : file.tensors) views.emplace(name, tensor);
    write_safetensors(path_, views, file.metadata);
  }
  std::string failure() const {
    try {
      Predictor::load(path_);
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  }

  test::TemporaryFolder folder_;
  fs::path path_ = folder_ / "tiny.safetensors";
};

// 2 to the power of 39 floats: two terabytes.
TEST_F(CheckpointSizes, a_state_larger_than_its_tensor_is_refused_before_it_is_allocated) {
  SafetensorsFile file = SafetensorsFile::read(path_);
  std::string& network = file.metadata.at("network");
  for (const std::string shape : {"[4,", "[N,", "["})
    replace(network, shape + "2]", shape + "137438953472]");
  ASSERT_NO_THROW(Model(parse_graph(network)));
  write(file);
  EXPECT_THAT(failure(), AllOf(HasSubstr("its state 'dense1/kernel' f32[4,137438953472]"),
                               HasSubstr("the file has f32[4,2]")));
}

TEST_F(CheckpointSizes, a_state_that_has_no_tensor_is_named) {
  SafetensorsFile file = SafetensorsFile::read(path_);
  ASSERT_EQ(file.tensors.erase("dense1/bias"), 1U);
  write(file);
  EXPECT_THAT(failure(), AllOf(HasSubstr("its state 'dense1/bias' f32[2]"), HasSubstr("has none")));
}

TEST_F(CheckpointSizes, a_state_of_another_dtype_is_refused) {
  SafetensorsFile file = SafetensorsFile::read(path_);
  file.tensors.at("dense1/bias") = Tensor(DType::i32, {2});
  write(file);
  EXPECT_THAT(failure(), HasSubstr("the file has i32[2]"));
}

TEST_F(CheckpointSizes, states_no_reader_needs_cannot_be_added) {
  SafetensorsFile file = SafetensorsFile::read(path_);
  file.metadata.at("network") +=
      "@more = state {type f32[1048576,1048576]} : f32[1048576,1048576]\n";
  write(file);
  EXPECT_THAT(failure(), HasSubstr("its state 'more' f32[1048576,1048576]"));
}

TEST_F(CheckpointSizes, a_packed_state_is_refused) {
  SafetensorsFile file = SafetensorsFile::read(path_);
  file.metadata.at("network") +=
      "@more = state {type f32[2]<blocked:1099511627776>} : f32[2]<blocked:1099511627776>\n";
  const Tensor more(DType::f32, {2});
  TensorViews views;
  for (const auto& [name, tensor] : file.tensors) views.emplace(name, tensor);
  views.emplace("more", more);
  write_safetensors(path_, views, file.metadata);
  EXPECT_THAT(failure(), HasSubstr("its state 'more'"));
}

TEST_F(CheckpointSizes, maps_and_constants_of_any_size_are_refused) {
  const SafetensorsFile whole = SafetensorsFile::read(path_);
  for (const char* more :
       {"%more = constant {type f32[100000,100000]} : f32[100000,100000]\n",
        "%more = input {type f32[N,1048576,1048576]} : f32[N,1048576,1048576]\n"}) {
    SafetensorsFile file = whole;
    file.metadata.at("network") += more;
    ASSERT_NO_THROW(parse_graph(file.metadata.at("network"))) << more;
    write(file);
    EXPECT_THAT(failure(), HasSubstr("at 'more', it asks for f32["));
  }
}

TEST_F(CheckpointSizes, texts_that_nest_without_end_are_refused) {
  const SafetensorsFile whole = SafetensorsFile::read(path_);
  for (const char* key : {"settings", "environment", "notes"}) {
    for (const char* open : {"[", "{\"a\":"}) {
      SafetensorsFile file = whole;
      std::string& text = file.metadata.at(key);
      text.clear();
      for (int i = 0; i < 300'000; ++i) text += open;
      write(file);
      EXPECT_THAT(failure(), HasSubstr("nests deeper than 64 levels")) << key;
    }
  }
}

}  // namespace
}  // namespace evenkeel
