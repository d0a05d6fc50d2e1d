// SPDX-License-Identifier: Apache-2.0
// Data and checkpoints that are missing, damaged or of another network end with 3.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "evenkeel/formats/safetensors.h"
#include "tests/cli/tiny_run.h"

namespace evenkeel::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kImages = "sets/mnist/train-images-idx3-ubyte.gz";
constexpr const char* kLabels = "sets/mnist/train-labels-idx1-ubyte.gz";

ByteVector cut(ByteVector bytes, std::size_t to) {
  bytes.resize(to);
  return bytes;
}

ByteVector changed(ByteVector bytes, std::size_t at) {
  bytes.at(at) ^= std::byte{0x40};
  return bytes;
}

struct Damage {
  const char* file;
  std::function<ByteVector(const ByteVector&)> make;
};

TEST(BadData, DamagedFilesEndWithThreeAndAreNamed) {
  const auto pixels = small_images(small_labels(24, 1), 1);
  const ByteVector good = idx_file({24, 28, 28}, pixels);
  auto labels = small_labels(24, 1);
  const auto few = small_labels(23, 1);
  labels[5] = 10;
  const std::vector<Damage> damages = {
      {kImages, [](const ByteVector& b) { return cut(b, b.size() / 2); }},
      {kImages, [](const ByteVector&) { return ByteVector{}; }},
      {kImages, [](const ByteVector& b) { return changed(b, b.size() - 5); }},  // gzip's CRC
      {kImages, [&](const ByteVector&) { return gzip(changed(good, 2)); }},     // wrong magic
      {kImages, [&](const ByteVector&) { return gzip(changed(good, 7)); }},     // wrong count
      {kImages, [&](const ByteVector&) { return gzip(cut(good, good.size() - 1)); }},
      {kLabels, [&](const ByteVector&) { return gzip(idx_file({24}, labels)); }},
      {kLabels, [&](const ByteVector&) { return gzip(idx_file({23}, few)); }},
  };
  for (const Damage& damage : damages) {
    CommandLine line;
    write_idx_set(line.path("sets"), "mnist", 24, 4);
    write_bytes(line.path(damage.file), damage.make(read_bytes(line.path(damage.file))));
    const Outcome outcome = line.run({"train", "--data-dir", "sets", "--batch", "8"});
    EXPECT_EQ(outcome.code, 3) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(damage.file));
    EXPECT_FALSE(fs::exists(line.path("runs")));
  }
}

TEST(BadData, AMissingSetSaysWhereItWasLookedFor) {
  CommandLine line;
  const Outcome outcome = line.run({"train", "--data", "mnist", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.err, HasSubstr("sets/mnist"));
  EXPECT_THAT(outcome.err, HasSubstr("evenkeel data fetch mnist"));
  fs::create_directories(line.path("sets"));
  EXPECT_EQ(line.run({"data", "verify", "mnist", "--data-dir", "sets"}).code, 3);
  EXPECT_EQ(line.run({"data", "fetch", "mnist"}).code, 1);  // no network
}

TEST(BadData, VerifyNamesFilesThatAreNotTheKnownOnes) {
  CommandLine line;
  write_idx_set(line.path("sets"), "mnist", 24, 4);
  const Outcome outcome = line.run({"data", "verify", "mnist", "--data-dir", "sets"});
  EXPECT_EQ(outcome.code, 3);
  EXPECT_THAT(outcome.out, HasSubstr("BAD   sets/mnist/train-images-idx3-ubyte.gz: expected SHA"));
}

// Writes start.safetensors anew after a change to its tensors.
void change_tensors(const fs::path& path, const std::function<void(SafetensorsFile&)>& change) {
  SafetensorsFile file = SafetensorsFile::read(path);
  change(file);
  TensorViews views;
  for (const auto& [name, tensor] : file.tensors) views[name] = tensor;
  write_safetensors(path, views, file.metadata);
}

void expect_refused(TinyRun& run, const std::string& text) {
  const std::vector<std::vector<std::string>> commands = {
      {"evaluate", "start.safetensors", "--data", "mnist", "--data-dir", "sets"},
      TinyRun::train("out", 1)};
  for (const auto& command : commands) {
    const Outcome outcome = run.run(command);
    EXPECT_EQ(outcome.code, 3) << outcome.err;
    EXPECT_THAT(outcome.err, HasSubstr(text));
    EXPECT_THAT(outcome.err, HasSubstr("start.safetensors"));
    EXPECT_FALSE(fs::exists(run.path("out")));
  }
}

TEST(BadCheckpoint, CutShortOrWithABadHeader) {
  TinyRun run;
  const ByteVector good = run.bytes("start.safetensors");
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, good.size() / 2, good.size() - 1}) {
    write_bytes(run.path("start.safetensors"), cut(good, size));
    expect_refused(run, "expected");
  }
  write_bytes(run.path("start.safetensors"), changed(good, 12));
  expect_refused(run, "expected");
}

TEST(BadCheckpoint, WrongChecksumNamesTheTensor) {
  TinyRun run;
  const ByteVector good = run.bytes("start.safetensors");
  write_bytes(run.path("start.safetensors"), changed(good, good.size() - 2));
  expect_refused(run, "CRC-32");
}

TEST(BadCheckpoint, OfAnotherNetworkNamesTheTensorThatDiffers) {
  TinyRun run;
  const ByteVector good = run.bytes("start.safetensors");
  change_tensors(run.path("start.safetensors"),
                 [](SafetensorsFile& file) { file.tensors.erase("dense1/kernel"); });
  expect_refused(run, "dense1/kernel");
  write_bytes(run.path("start.safetensors"), good);
  change_tensors(run.path("start.safetensors"), [](SafetensorsFile& file) {
    file.tensors["dense2/bias"] = Tensor(DType::f32, Shape{11});
  });
  expect_refused(run, "dense2/bias");
}

TEST(BadCheckpoint, MissingOrUntrained) {
  TinyRun run;
  EXPECT_EQ(run.run({"evaluate", "nowhere.safetensors"}).code, 3);
  EXPECT_EQ(run.run({"summary", "nowhere.safetensors"}).code, 3);
  EXPECT_EQ(run.run({"train", "--resume", "nowhere"}).code, 3);
  fs::create_directory(run.path("empty"));
  EXPECT_EQ(run.run({"evaluate", "empty"}).code, 3);
  // Moving statistics that no step has updated: the layer is named.
  const Outcome untrained =
      run.run({"evaluate", "start.safetensors", "--data", "mnist", "--data-dir", "sets"});
  EXPECT_EQ(untrained.code, 3);
  EXPECT_THAT(untrained.err, HasSubstr("[bn1]"));
}

}  // namespace
}  // namespace evenkeel::test
