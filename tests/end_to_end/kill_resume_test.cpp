// SPDX-License-Identifier: Apache-2.0
// Killed at any moment and resumed, a run ends with the bytes of one that was left alone.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <random>
#include <thread>

#include "tests/end_to_end/process.h"
#include "tests/support/idx_files.h"
#include "tests/support/paths.h"

namespace evenkeel {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr int kRandomKills = 20;
constexpr int kKillsInsideASave = 5;

std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code gone;
  for (const auto& entry : fs::directory_iterator(folder, gone))
    names.push_back(entry.path().filename().string());
  return names;
}

// What a save writes before it is renamed.
bool has_unfinished(const fs::path& folder) {
  for (const std::string& name : names_in(folder))
    if (name.starts_with(".step-")) return true;
  return false;
}

// Twelve steps with a checkpoint after every third; small files, but the network's own full size.
class SlowKillAndResume : public testing::Test {
 protected:
  SlowKillAndResume() { test::write_idx_set(folder_ / "data", "mnist", 420, 40); }

  std::vector<std::string> command(const std::string& name) const {
    const std::string out = (folder_ / name).string();
    return {test::kBinary,
            "train",
            "mnist-cnn",
            "--data",
            "mnist",
            "--data-dir",
            (folder_ / "data").string(),
            "--epochs",
            "1",
            "--batch",
            "32",
            "--save-every",
            "3",
            "--log-every",
            "4",
            "--threads",
            "2",
            "--out",
            out,
            "--resume",
            out};
  }
  // A cache of its own, which is killed while it is written too.
  test::Environment environment() const {
    return {{"XDG_CACHE_HOME", (folder_ / "cache").string()}};
  }
  fs::path last_checkpoint(const std::string& name) const {
    return folder_ / name / "step-00000012.safetensors";
  }
  std::string output() const { return test::read_text(folder_ / "output"); }

  void train_undisturbed(const std::string& name) {
    test::Process process(command(name), environment(), folder_ / "output");
    ASSERT_EQ(process.wait(), 0) << output();
  }
  void expect_as_if_never_stopped(const std::string& name) {
    EXPECT_TRUE(test::read_bytes(last_checkpoint(name)) ==
                test::read_bytes(last_checkpoint("undisturbed")))
        << name;
    EXPECT_TRUE(test::read_text(folder_ / name / "best.json") ==
                test::read_text(folder_ / "undisturbed" / "best.json"))
        << name;
    EXPECT_FALSE(has_unfinished(folder_ / name)) << name;
    fs::remove_all(folder_ / name);
  }

  test::TemporaryFolder folder_;
};

TEST_F(SlowKillAndResume, AtRandomMomentsChangesNoByte) {
  const auto seed = static_cast<std::uint32_t>(std::random_device{}());
  std::cout << "moments from seed " << seed << std::endl;
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);

  train_undisturbed("undisturbed");
  const auto started = Clock::now();
  train_undisturbed("timed");
  const std::chrono::duration<double> whole = Clock::now() - started;
  expect_as_if_never_stopped("timed");

  int kills = 0;
  int runs = 0;
  while (kills < kRandomKills) {
    const std::string name = "killed-" + std::to_string(runs++);
    for (bool done = false; !done;) {
      test::Process process(command(name), environment(), folder_ / "output");
      if (kills < kRandomKills) {
        std::uniform_real_distribution<double> moment(0, whole.count());
        std::this_thread::sleep_for(std::chrono::duration<double>(moment(random)));
        if (process.kill()) {
          ++kills;
          continue;
        }
      }
      ASSERT_EQ(process.wait(), 0) << output();
      done = true;
    }
    expect_as_if_never_stopped(name);
  }
  std::cout << kills << " kills in " << runs << " runs of " << whole.count() << " s" << std::endl;
}

TEST_F(SlowKillAndResume, InsideASaveChangesNoByte) {
  const auto seed = static_cast<std::uint32_t>(std::random_device{}());
  std::cout << "moments from seed " << seed << std::endl;
  RecordProperty("seed", std::to_string(seed));
  std::mt19937 random(seed);

  train_undisturbed("undisturbed");
  int unfinished = 0;
  for (int kill = 0; kill < kKillsInsideASave; ++kill) {
    const std::string name = "killed-" + std::to_string(kill);
    test::Process process(command(name), environment(), folder_ / "output");
    while (process.running() && !has_unfinished(folder_ / name))
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 20));
    process.kill();
    unfinished += has_unfinished(folder_ / name) ? 1 : 0;
    train_undisturbed(name);
    expect_as_if_never_stopped(name);
  }
  std::cout << unfinished << " of " << kKillsInsideASave << " left a file behind" << std::endl;
  EXPECT_GT(unfinished, 0);
}

}  // namespace
}  // namespace evenkeel
