// SPDX-License-Identifier: Apache-2.0
#include "evenkeel/cli/parse_parts.h"

#include "evenkeel/base/threads.h"
#include "evenkeel/kernels/instruction_set.h"

namespace evenkeel::cli {

CLI::Validator between(std::int64_t least, std::int64_t most) {
  return CLI::Validator(CLI::Range(least, most)).description("");
}
CLI::Validator positive() { return between(1, std::int64_t{1} << 30); }
CLI::Validator no_sign() { return CLI::Validator(CLI::NonNegativeNumber).description(""); }
CLI::Validator count() { return between(0, std::int64_t{1} << 30); }

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

void add_data_dir(CLI::App* command, std::filesystem::path& directory) {
  command
      ->add_option("--data-dir", directory,
                   "Folder looked in first, for DIR/mnist/train-images-idx3-ubyte.gz and the "
                   "others; then $EVENKEEL_DATA, the user's cache, /usr/share/datasets")
      ->type_name("DIR");
}

void add_threads(CLI::App* command, std::optional<int>& threads) {
  command->add_option("--threads", threads, "Threads to compute on")
      ->check(between(1, 1024))
      ->type_name("N")
      ->default_str(std::to_string(default_threads()));
}

void add_isa(CLI::App* command, std::optional<std::string>& isa) {
  command
      ->add_option("--isa", isa,
                   "Instruction set computed with: auto, " + list_of(instruction_sets()))
      ->type_name("NAME")
      ->default_str("auto");
}

void add_math(CLI::App* command, std::optional<std::string>& math) {
  command
      ->add_option("--math", math,
                   "strict: no more rounding than direct sums in f32 have; fast: some more where "
                   "that saves work")
      ->type_name("NAME")
      ->default_str("fast");
}

void add_weights(CLI::App* command, std::optional<std::string>& weights) {
  command
      ->add_option("--weights", weights,
                   "Of large dense layers: f32, or bf16, rounded to half the bytes, faster for one "
                   "image")
      ->type_name("NAME")
      ->default_str("f32");
}

void add_machine(CLI::App* command, std::optional<int>& threads,
                 std::optional<std::string>& kernels, std::optional<std::string>& isa,
                 std::optional<std::string>& math) {
  add_threads(command, threads);
  command->add_option("--kernels", kernels, "Kernels preferred: auto, native, onednn, reference")
      ->type_name("NAME")
      ->default_str("auto");
  add_isa(command, isa);
  add_math(command, math);
}

}  // namespace evenkeel::cli
